package io.relaunchguard.it.harness;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import io.relaunchguard.it.RelaunchGuardCommand;
import io.relaunchguard.it.cli.ExitCodes;
import io.relaunchguard.it.fresh.FreshApplication;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.springframework.boot.SpringApplication;

/**
 * What the JVMs of the tests share: the class path of a new project in jars, and an archive of the classes that they load, see
 * the java command's -XX:ArchiveClassesAtExit. With it a JVM starts at less than half the cost. It is made once for these
 * classes, by the first test that asks, in whatever JVM.
 */
public final class SharedClasses {

    /** The reference launcher's own classes. */
    private static final Path LAUNCHER = Path.of("target", "classes").toAbsolutePath();

    /** The tests' configuration of logging, which is not a new project's. */
    private static final Path TESTS_LOGGING = Path.of("src", "test", "logging").toAbsolutePath();

    private static final String LOGGING = "logging.jar";

    private static final Path FOLDER = Path.of("target", "shared-classes").toAbsolutePath();

    private final List<String> classPath;
    private final Path archive;

    private SharedClasses(List<String> classPath, Path archive) {
        this.classPath = classPath;
        this.archive = archive;
    }

    /** Makes what is not there yet. */
    public static synchronized SharedClasses get() {
        try {
            Files.createDirectories(FOLDER);
            try (FileChannel channel = FileChannel.open(
                            FOLDER.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                    FileLock lock = channel.lock()) {
                assertThat(lock.isValid()).isTrue();
                List<String> unpacked = FreshProject.classPath();
                Path folder = Files.createDirectories(FOLDER.resolve(Long.toHexString(version(unpacked, LAUNCHER))));
                Path archive = folder.resolve("classes.jsa");
                if (Files.exists(archive)) {
                    return new SharedClasses(Files.readAllLines(folder.resolve("class-path")), archive);
                }
                List<String> packed = PackedClasses.of(unpacked, folder);
                packed.add(PackedClasses.pack(LAUNCHER, "io", folder.resolve("launcher.jar")));
                PackedClasses.pack(TESTS_LOGGING, "logback.xml", folder.resolve(LOGGING));
                Files.write(folder.resolve("class-path"), packed);
                train(packed, archive);
                return new SharedClasses(packed, archive);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The start of a command that runs one of these classes in a new project. */
    public List<String> java() {
        return java(classPath);
    }

    /** The start of a command that runs the launcher; what that starts logs as the tests are configured. */
    List<String> launcher() {
        List<String> longer = new ArrayList<>(classPath);
        longer.add(archive.resolveSibling(LOGGING).toString());
        return java(longer);
    }

    private List<String> java(List<String> entries) {
        List<String> command = jvm();
        command.addAll(List.of("-XX:SharedArchiveFile=" + archive, "-Xlog:cds=off", "-Xlog:cds+dynamic=off"));
        command.addAll(List.of("-cp", String.join(File.pathSeparator, entries)));
        return command;
    }

    /** The start of a command that runs a JVM which does not live long. */
    static List<String> jvm() {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC"));
        if (Runtime.version().feature() >= 24) {
            command.add("--enable-native-access=ALL-UNNAMED");
        }
        return command;
    }

    /** Changes with any of the classes. */
    private static long version(List<String> classPath, Path launcher) throws IOException {
        List<Path> entries = new ArrayList<>(classPath.stream().map(Path::of).toList());
        entries.add(launcher);
        long version = Runtime.version().hashCode();
        for (Path entry : entries) {
            try (Stream<Path> files = Files.walk(entry)) {
                for (Path file : files.toList()) {
                    version = 31 * version + file.hashCode();
                    version = 31 * version + Files.getLastModifiedTime(file).toMillis();
                }
            }
        }
        return version;
    }

    private static void train(List<String> classPath, Path archive) throws IOException, InterruptedException {
        Path made = archive.resolveSibling("classes.tmp");
        List<String> command = jvm();
        command.addAll(List.of(
                "-XX:ArchiveClassesAtExit=" + made,
                "-Xlog:disable",
                "-cp",
                String.join(File.pathSeparator, classPath),
                SharedClasses.class.getName()));
        try (Sandbox sandbox = new Sandbox()) {
            command.add(sandbox.profile().toString());
            Process training = sandbox.start("training", command);
            assertThat(training.waitFor(180, SECONDS)).isTrue();
            assertThat(training.exitValue())
                    .as(sandbox.output("training.out") + sandbox.output("training.err"))
                    .isEqualTo(ExitCodes.HELD);
        }
        Files.move(made, archive, StandardCopyOption.ATOMIC_MOVE);
    }

    /** Loads the classes: of an application with a server, and of a command line and a launch that finds a lock. */
    public static void main(String[] arguments) throws IOException {
        Path profile = Path.of(arguments[0]);
        SpringApplication.run(
                        FreshApplication.class,
                        "--relaunch-guard.profile=" + profile,
                        "--server.address=127.0.0.1",
                        "--server.port=0",
                        "--management.endpoints.web.exposure.include=*")
                .close();
        Path held = Files.createDirectory(profile.resolve("held"));
        Files.createSymbolicLink(held.resolve("SingletonLock"), Path.of("another-host.example-77"));
        RelaunchGuardCommand.main(new String[] {"launch", "--json", "--profile=" + held, "--cache-release=PT0.1S"});
    }
}
