package io.relaunchguard.it.harness;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Many small JVMs with one main class of the tests. They share an archive of the classes that they need, see the java command's
 * -XX:ArchiveClassesAtExit: with it each starts in a fraction of the time.
 */
public final class LauncherJvm {

    private final Class<?> main;
    private final Path archive;
    private final String classPath;

    /**
     * Nothing is run yet.
     *
     * @param directory an empty one, where the archive goes and what it is made of
     */
    public LauncherJvm(Class<?> main, Path directory) {
        this.main = main;
        this.archive = directory.resolve("classes.jsa");
        this.classPath = String.join(
                File.pathSeparator,
                PackedClasses.of(
                        List.of(System.getProperty("java.class.path").split(File.pathSeparator, -1)), directory));
    }

    /** Runs it once to its end, with a line on its standard input, to see which classes it needs. */
    public void train(Sandbox sandbox, String... arguments) throws IOException, InterruptedException {
        Process process = sandbox.start("training", command("-XX:ArchiveClassesAtExit=" + archive, arguments));
        try (OutputStream input = process.getOutputStream()) {
            input.write('\n');
        }
        assertThat(process.waitFor(180, SECONDS)).isTrue();
        assertThat(process.exitValue()).as(sandbox.output("training.err")).isZero();
        assertThat(archive).exists();
    }

    /** The command that starts it. */
    public List<String> command(String... arguments) {
        return command("-XX:SharedArchiveFile=" + archive, arguments);
    }

    private List<String> command(String option, String... arguments) {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                option,
                "-Xlog:disable",
                "-Xlog:all=error:stderr",
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-Xmx48m"));
        if (Runtime.version().feature() >= 24) {
            command.add("--enable-native-access=ALL-UNNAMED");
        }
        command.addAll(List.of("-cp", classPath, main.getName()));
        command.addAll(List.of(arguments));
        return command;
    }
}
