package io.relaunchguard.it;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.relaunchguard.it.harness.AppImage;
import io.relaunchguard.it.harness.OutgoingApplication;
import io.relaunchguard.it.harness.Sandbox;
import io.relaunchguard.testing.Need;
import io.relaunchguard.testing.Needs;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.jar.Attributes;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** An application that restarts itself, several times in a row, in each way that Linux starts one. */
@Tag("H34")
@Tag("H55")
@Tag("long")
class RestartIT {

    private static final String JAVA =
            Path.of(System.getProperty("java.home"), "bin", "java").toString();

    private final Sandbox sandbox = new Sandbox();
    private final Path notes = sandbox.root().resolve("notes");

    @AfterEach
    void close() throws IOException {
        for (String line : notes()) {
            ProcessHandle.of(Long.parseLong(line.substring(0, line.indexOf(' '))))
                    .ifPresent(sandbox::adopt);
        }
        sandbox.close();
    }

    @Test
    void fromAClassPathWithTheOptionsOfItsJvmAndWithoutItsDebugger() throws Exception {
        List<String> command = new ArrayList<>(List.of(
                JAVA,
                "-agentlib:jdwp=transport=dt_socket,server=y,suspend=n,address=127.0.0.1:0",
                "-Dkept=a b",
                "-cp",
                System.getProperty("java.class.path"),
                OutgoingApplication.class.getName()));
        command.addAll(arguments(1));
        sandbox.start("old", command);

        assertThat(awaitStarts(1)).allMatch(line -> line.endsWith(" with a b"));
        long last = lastPid();
        assertThat(Files.readString(Path.of("/proc/" + last + "/cmdline"))).doesNotContain("jdwp");
    }

    @Test
    void fromAJar() throws Exception {
        Manifest manifest = new Manifest();
        Attributes attributes = manifest.getMainAttributes();
        attributes.put(Attributes.Name.MANIFEST_VERSION, "1.0");
        attributes.put(Attributes.Name.MAIN_CLASS, OutgoingApplication.class.getName());
        attributes.put(
                Attributes.Name.CLASS_PATH,
                AppImage.classPath(sandbox).stream()
                        .map(entry -> Path.of(entry).toUri().toString())
                        .collect(Collectors.joining(" ")));
        Path jar = sandbox.root().resolve("app.jar");
        try (OutputStream file = Files.newOutputStream(jar);
                JarOutputStream packed = new JarOutputStream(file, manifest)) {
            packed.finish();
        }
        List<String> command = new ArrayList<>(List.of(JAVA, "-Dkept=a b", "-jar", jar.toString()));
        command.addAll(arguments(1));
        sandbox.start("old", command);

        assertThat(awaitStarts(1)).allMatch(line -> line.endsWith(" with a b"));
    }

    @Test
    @Tag("installer")
    @Needs(Need.JPACKAGE)
    void fromALauncherThatJpackageMade() throws Exception {
        List<String> command =
                new ArrayList<>(List.of(image().resolve(AppImage.LAUNCHER).toString()));
        command.addAll(arguments(3));
        sandbox.start("old", command);

        assertThat(awaitStarts(3)).allMatch(line -> line.endsWith(" with a b"));
        assertThat(Files.readSymbolicLink(Path.of("/proc/" + lastPid() + "/exe")))
                .hasFileName("app");
    }

    @Test
    @Tag("installer")
    @Needs({Need.JPACKAGE, Need.NAMESPACES})
    void fromAnImageWhoseMountGoesWithTheOldInstance() throws Exception {
        Path mounts = sandbox.root().resolve("mounts");
        List<String> command = AppImage.mounted(sandbox, image(), mounts);
        command.addAll(arguments(3));
        sandbox.start("old", command);

        assertThat(awaitStarts(3)).allMatch(line -> line.endsWith(" with a b"));
        await().atMost(30, SECONDS).until(() -> Files.readAllLines(mounts).size() == 3);
        assertThat(Files.readAllLines(mounts))
                .doesNotHaveDuplicates()
                .allMatch(line -> line.startsWith("gone " + sandbox.temporary()));
        assertThat(Files.readString(Path.of("/proc/" + lastPid() + "/environ")).split("\0"))
                .filteredOn(entry -> entry.startsWith("PATH=") || entry.startsWith("LD_LIBRARY_PATH="))
                .allSatisfy(entry -> assertThat(entry.split("/\\.mount_app")).hasSize(2));
    }

    private Path image() throws Exception {
        return AppImage.of(
                sandbox, Path.of(System.getProperty("java.home")), OutgoingApplication.class, "\"-Dkept=a b\"");
    }

    private List<String> arguments(int times) {
        return List.of("restarts itself", sandbox.profile().toString(), Integer.toString(times), notes.toString());
    }

    /** What each of the instances said; all but the last have ended when this returns. */
    private List<String> awaitStarts(int restarts) throws IOException {
        await().atMost(300, SECONDS)
                .until(() -> starts().size() > restarts
                        || (!notes().isEmpty()
                                && notes().stream()
                                        .noneMatch(line -> Sandbox.isAlive(
                                                Long.parseLong(line.substring(0, line.indexOf(' ')))))));
        assertThat(starts())
                .as(said("old") + notes())
                .hasSize(restarts + 1)
                .allMatch(line -> line.contains(" READY in " + Path.of("").toAbsolutePath()));
        await().atMost(30, SECONDS)
                .until(() -> starts().stream()
                        .limit(restarts)
                        .noneMatch(line -> Sandbox.isAlive(Long.parseLong(line.substring(0, line.indexOf(' '))))));
        assertThat(Sandbox.isAlive(lastPid())).isTrue();
        return starts();
    }

    private long lastPid() throws IOException {
        String last = starts().get(starts().size() - 1);
        return Long.parseLong(last.substring(0, last.indexOf(' ')));
    }

    private List<String> starts() throws IOException {
        return notes().stream().filter(line -> !line.endsWith(" started")).toList();
    }

    private List<String> notes() throws IOException {
        return Files.exists(notes) ? Files.readAllLines(notes) : List.of();
    }

    private String said(String name) throws IOException {
        return sandbox.output(name + ".out") + sandbox.output(name + ".err");
    }
}
