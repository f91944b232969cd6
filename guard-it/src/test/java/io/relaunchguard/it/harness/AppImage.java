package io.relaunchguard.it.harness;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Application images that jpackage makes of the tests' class path. */
public final class AppImage {

    /** The launcher, in an image. */
    public static final String LAUNCHER = "bin/app";

    /** What the launcher reads, in an image. */
    public static final String SETTINGS = "lib/app/app.cfg";

    private AppImage() {}

    /**
     * Makes one in the sandbox.
     *
     * @param jdk whose jpackage makes it, and whose runtime is in it
     * @param options of its JVM
     */
    public static Path of(Sandbox sandbox, Path jdk, Class<?> main, String... options)
            throws IOException, InterruptedException {
        Path input = Files.createDirectories(sandbox.root().resolve("input"));
        String mainJar = "";
        for (String jar : classPath(sandbox)) {
            mainJar =
                    "%d-%s".formatted(input.toFile().list().length, Path.of(jar).getFileName());
            Files.copy(Path.of(jar), input.resolve(mainJar));
        }
        List<String> command = new ArrayList<>(List.of(
                jdk.resolve("bin/jpackage").toString(),
                "--type",
                "app-image",
                "--name",
                "app",
                "--input",
                input.toString(),
                "--main-jar",
                mainJar,
                "--main-class",
                main.getName(),
                "--java-options",
                "-Djava.io.tmpdir=" + sandbox.temporary(),
                "--add-modules",
                "java.se,jdk.unsupported,jdk.net",
                "--temp",
                sandbox.root().resolve("jpackage").toString(),
                "--dest",
                sandbox.root().toString()));
        for (String option : options) {
            command.addAll(List.of("--java-options", option));
        }
        Process jpackage = sandbox.start("jpackage", command);
        assertThat(jpackage.waitFor(300, SECONDS)).isTrue();
        assertThat(jpackage.exitValue())
                .as(sandbox.output("jpackage.out") + sandbox.output("jpackage.err"))
                .isZero();
        return sandbox.root().resolve("app");
    }

    /**
     * The command that starts an image as the runtime of an AppImage does, but with a bind mount for the file system in the file. It
     * runs in a mount namespace of its own, so that no mount outlives the test.
     *
     * @param gone where a line for each mount goes that is gone
     */
    public static List<String> mounted(Sandbox sandbox, Path image, Path gone) throws IOException {
        Path file = Files.writeString(sandbox.root().resolve("app.AppImage"), """
                #!/bin/sh
                mount=$(mktemp -d "$TMPDIR/.mount_appXXXXXX")
                mount --bind '%s' "$mount"
                ARGV0=$0 APPIMAGE=$0 APPDIR=$mount OWD=$PWD LD_LIBRARY_PATH=$mount/usr/lib PATH=$mount/bin:$PATH \\
                  "$mount/%s" "$@"
                # The browser's helpers end a moment after the launcher.
                attempts=0
                until umount "$mount" 2>/dev/null || [ $((attempts += 1)) -gt 200 ]; do sleep 0.1; done
                rmdir "$mount" && echo "gone $mount" >>'%s'
                """.formatted(image, LAUNCHER, gone));
        assertThat(file.toFile().setExecutable(true)).isTrue();
        return new ArrayList<>(List.of("unshare", "--mount", "--propagation", "private", file.toString()));
    }

    /** The tests' class path as jars, without the browser's natives, which {@code JcefDesktop} unpacks. */
    public static List<String> classPath(Sandbox sandbox) throws IOException {
        List<String> entries = List.of(System.getProperty("java.class.path").split(File.pathSeparator, -1));
        return PackedClasses.of(
                entries.stream()
                        .filter(entry -> !entry.contains("jcef-natives"))
                        .toList(),
                Files.createDirectories(sandbox.root().resolve("jars")));
    }
}
