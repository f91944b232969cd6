package io.relaunchguard.it.installer;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/** What the installers of Windows are built from, in a directory: their application in two versions, and their sources. */
final class Probe {

    private static final Path SHIPPED =
            Path.of("../guard-platform/src/main/resources/io/relaunchguard/platform/installer");

    private final Path built;
    private final Path oldVersion;
    private final Path newVersion;

    Probe(Path built) throws IOException, InterruptedException {
        this.built = built;
        this.oldVersion = compile("1");
        this.newVersion = compile("2");
    }

    Path oldVersion() {
        return oldVersion;
    }

    Path newVersion() {
        return newVersion;
    }

    /** What is shipped for installers, under this name. */
    static Path shipped(String name) throws IOException {
        return SHIPPED.resolve(name).toRealPath();
    }

    /** A source of the tests, as a file. */
    Path source(String name) throws IOException {
        Path file = built.resolve(name);
        try (InputStream in = Objects.requireNonNull(Probe.class.getResourceAsStream(name), name)) {
            Files.write(file, in.readAllBytes());
        }
        return file;
    }

    /** Builds an installer. */
    Path makensis(Path script, String name, String... definitions) throws IOException, InterruptedException {
        Path out = built.resolve(name);
        List<String> command =
                new ArrayList<>(List.of("/usr/bin/makensis", "-V2", "-WX", "-INPUTCHARSET", "UTF8", "-DOUT=" + out));
        command.addAll(List.of(definitions));
        command.add(script.toString());
        run(command.toArray(String[]::new));
        return out;
    }

    /** Runs a tool to its end, which must be a good one. */
    void run(String... command) throws IOException, InterruptedException {
        Path log = built.resolve("tool.log");
        int exitCode = new ProcessBuilder(command)
                .directory(built.toFile())
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start()
                .waitFor();
        assertThat(exitCode).as(Files.readString(log)).isZero();
    }

    private Path compile(String version) throws IOException, InterruptedException {
        Path probe = built.resolve("probe-" + version + ".exe");
        run(
                "/usr/bin/x86_64-w64-mingw32-gcc",
                "-Os",
                "-s",
                "-DVERSION=\"" + version + "\"",
                "-o",
                probe.toString(),
                source("probe.c").toString(),
                "-ladvapi32",
                "-lshell32",
                "-luser32");
        return probe;
    }
}
