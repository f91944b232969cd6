package io.relaunchguard.testing;

import java.io.IOException;
import java.net.Inet4Address;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;

/** Something that not every machine has, and how to get it. */
public enum Need {
    CHROMIUM("Chromium at /usr/bin/chromium", debian("chromium"), programs("chromium")),
    CHROMEDRIVER("ChromeDriver at /usr/bin/chromedriver", debian("chromium-driver"), programs("chromedriver")),
    XVFB("Xvfb", debian("xvfb"), programs("Xvfb")),
    OPENBOX("Openbox", debian("openbox"), programs("openbox")),
    METACITY("Metacity", debian("metacity"), programs("metacity")),
    XPROP("xprop", debian("x11-utils"), programs("xprop")),
    WINE("Wine at /usr/lib/wine/wine64", debian("wine wine64"), () -> executable("/usr/lib/wine/wine64")),
    WINDOWS_JRE(
            "a Windows JRE",
            "mvn dependency:get -Dtransitive=false -Dartifact=org.flywaydb:flyway-commandline:10.0.0:zip:windows-x64",
            () -> Files.isRegularFile(Path.of(System.getProperty("relaunchguard.windows.jre", "")))),
    WINDOWS_CEF(
            "CEF 108 for Windows, with its JCEF",
            "mvn dependency:get, as .ci/run does it for WindowsCefIT",
            () -> Stream.of("relaunchguard.windows.cef", "relaunchguard.windows.jcef")
                    .allMatch(file -> Files.isRegularFile(Path.of(System.getProperty(file, ""))))),
    PROMETHEUS("Prometheus and promtool", debian("prometheus"), programs("prometheus", "promtool")),
    PUSHGATEWAY("Pushgateway", debian("prometheus-pushgateway"), programs("prometheus-pushgateway")),
    DPKG("dpkg and dpkg-deb", "on Debian and what comes from it", programs("dpkg", "dpkg-deb")),
    RPM("rpm and rpmbuild", debian("rpm"), programs("rpm", "rpmbuild")),
    FAKEROOT("fakeroot", debian("fakeroot"), programs("fakeroot")),
    JPACKAGE("jpackage", "a JDK, and no JRE", () -> executable(System.getProperty("java.home") + "/bin/jpackage")),
    JLINK("jlink", "a JDK, and no JRE", () -> executable(System.getProperty("java.home") + "/bin/jlink")),
    MAKENSIS("makensis", debian("nsis"), programs("makensis")),
    MINGW("a C compiler for Windows", debian("gcc-mingw-w64-x86-64"), programs("x86_64-w64-mingw32-gcc")),
    MSITOOLS("wixl and msibuild", debian("wixl msitools"), programs("wixl", "msibuild")),
    SHELLCHECK("ShellCheck and dash", debian("shellcheck dash"), programs("shellcheck", "dash")),
    HOSTNAME("hostname", debian("hostname"), () -> executable("/usr/bin/hostname") || executable("/bin/hostname")),
    ROOT("root", "run the build as root", Need::isRoot),
    OTHER_USER(
            "root, and setpriv to act as another user",
            debian("util-linux") + " as root",
            () -> isRoot() && works("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "true")),
    NAMESPACES(
            "namespaces of its own and mounts in them",
            "as root: apt-get install util-linux; a container must be privileged",
            () -> isRoot()
                    && works(
                            "unshare",
                            "--mount",
                            "--uts",
                            "--pid",
                            "--fork",
                            "--mount-proc",
                            "mount",
                            "-t",
                            "proc",
                            "-o",
                            "hidepid=2",
                            "proc",
                            "/proc")),
    SECCOMP(
            "filters of system calls, see seccomp(2)",
            "a Linux kernel with CONFIG_SECCOMP_FILTER, on x86-64 or arm64",
            () -> Files.exists(Path.of("/proc/sys/kernel/seccomp/actions_avail"))
                    && List.of("amd64", "aarch64").contains(System.getProperty("os.arch"))),
    LOOP_DEVICE(
            "a loop device that can be mounted and frozen",
            debian("e2fsprogs util-linux mount") + " as root; a container must be privileged",
            Need::canMountALoopDevice),
    STRACE(
            "strace, and permission to trace another process",
            debian("strace") + "; a container needs the capability SYS_PTRACE",
            Need::canTrace),
    OUTER_ADDRESS(
            "an IPv4 address that others reach", "connect the machine to a network", Need::hasAddressBesideLoopback),
    AWT(
            "a Java with AWT",
            "a JDK that is no -headless one; Debian: apt-get install libxtst6 libxi6 libxrender1 fonts-dejavu-core",
            () -> libraryIsWhole(Path.of(System.getProperty("java.home"), "lib", "libawt_xawt.so"))),
    JCEF(
            "JCEF's natives for Linux on x86-64, and the libraries that they load",
            "mvn -Pfull has the natives; Debian: apt-get install chromium has the libraries",
            Need::hasJcef);

    /** What libcef.so is linked against and a machine without a browser mostly lacks. */
    private static final List<String> LIBRARIES_OF_CEF =
            List.of("libnss3.so", "libgbm.so.1", "libatk-bridge-2.0.so.0", "libcups.so.2", "libasound.so.2");

    private final String what;
    private final String how;

    @SuppressWarnings("ImmutableEnumChecker") // It keeps nothing: it asks the machine.
    private final BooleanSupplier probe;

    Need(String what, String how, BooleanSupplier probe) {
        this.what = what;
        this.how = how;
        this.probe = probe;
    }

    /** Looks whether it is here. */
    boolean probe() {
        return probe.getAsBoolean();
    }

    /** What it is, and how to get it. */
    @Override
    public String toString() {
        return "%s (%s)".formatted(what, how);
    }

    private static String debian(String packages) {
        return "Debian: apt-get install " + packages;
    }

    private static BooleanSupplier programs(String... names) {
        return () -> Arrays.stream(names).allMatch(name -> executable("/usr/bin/" + name));
    }

    private static boolean executable(String path) {
        return Files.isExecutable(Path.of(path));
    }

    private static boolean isRoot() {
        return works("sh", "-c", "test \"$(id -u)\" = 0");
    }

    private static boolean canMountALoopDevice() {
        return isRoot() && works("sh", "-c", """
                directory=$(mktemp -d) || exit 1
                mkdir "$directory/disk"
                truncate --size 2M "$directory/image"
                mkfs.ext4 -q "$directory/image" && mount -o loop "$directory/image" "$directory/disk" &&
                fsfreeze --freeze "$directory/disk" && fsfreeze --unfreeze "$directory/disk"
                can=$?
                umount "$directory/disk"
                rm -r "$directory"
                exit $can
                """);
    }

    /** Traces one that is no child of the tracer, as a debugger does. */
    private static boolean canTrace() {
        return works("sh", "-c", """
                sleep 60 & traced=$!
                strace -qq -e trace=none -o /dev/null -p $traced & tracer=$!
                traces() { grep -qs "^TracerPid:.$tracer$" /proc/$traced/status; }
                until traces || ! kill -0 $tracer; do sleep 0.02; done 2>/dev/null
                traces; can=$?
                kill -KILL $traced
                wait
                exit $can
                """);
    }

    private static boolean hasAddressBesideLoopback() {
        try {
            return NetworkInterface.networkInterfaces()
                    .flatMap(NetworkInterface::inetAddresses)
                    .anyMatch(address -> address instanceof Inet4Address && !address.isLoopbackAddress());
        } catch (SocketException e) {
            return false;
        }
    }

    private static boolean libraryIsWhole(Path library) {
        // The JVM itself is there when such a library is loaded.
        return Files.exists(library)
                && works("sh", "-c", "! ldd \"$0\" | grep -v 'libjvm' | grep -q 'not found'", library.toString());
    }

    private static boolean hasJcef() {
        boolean natives = Need.class.getResource("/me/friwi/jcefmaven/CefNativeBundle.class") != null;
        return natives
                && LIBRARIES_OF_CEF.stream()
                        .allMatch(library ->
                                works("sh", "-c", "PATH=$PATH:/sbin ldconfig -p | grep -qF \"$0 \"", library));
    }

    private static boolean works(String... command) {
        try {
            Process process = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
            if (process.waitFor(20, TimeUnit.SECONDS)) {
                return process.exitValue() == 0;
            }
            process.destroyForcibly();
            return false;
        } catch (IOException missing) {
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }
}
