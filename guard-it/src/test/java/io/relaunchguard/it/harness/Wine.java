package io.relaunchguard.it.harness;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/**
 * A Windows of the tests' own, by Wine: a prefix in a temporary directory and an X server without a screen. To set it up takes
 * longer than most tests: {@link OneForAll} gives the same one to each test class of a run. All of it ends with this.
 */
public final class Wine implements AutoCloseable {

    /** What runs a Windows program. */
    public static final Path PROGRAM = Path.of("/usr/lib/wine/wine64");

    private static final Path WINESERVER = Path.of("/usr/lib/wine/wineserver64");
    private static final Path XVFB = Path.of("/usr/bin/Xvfb");

    /** Flyway's command line for Windows brings a whole Temurin JRE. */
    private static final String ARCHIVE_SHA256 = "93bced1073a7a8d97dbd23c888cf74733b9c345ca4cf7b9d44ab4eb3ea4ae146";

    private static final String JRE_IN_ARCHIVE = "flyway-10.0.0/jre/";

    private final Path prefix;
    private final Process display;
    private final String displayName;

    private Wine(Path prefix, Process display, String displayName) {
        this.prefix = prefix;
        this.display = display;
        this.displayName = displayName;
    }

    /** Starts it when the first test class asks, as a parameter. A class that asks needs Wine and Xvfb. */
    public static final class OneForAll implements ParameterResolver {

        @Override
        public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
            return parameter.getParameter().getType() == Wine.class;
        }

        @Override
        public Wine resolveParameter(ParameterContext parameter, ExtensionContext context) {
            return context.getRoot()
                    .getStore(ExtensionContext.Namespace.create(Wine.class))
                    .getOrComputeIfAbsent(Wine.class, key -> start(), Wine.class);
        }

        private static Wine start() {
            try {
                return Wine.start();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        }
    }

    private static Wine start() throws IOException, InterruptedException {
        Path prefix = Files.createTempDirectory("relaunch-guard-wine");
        Reaper.deletesWithThisJvm(prefix);
        Process display = Reaper.endsWithThisJvm(new ProcessBuilder(
                        XVFB.toString(), "-displayfd", "1", "-screen", "0", "800x600x24", "-nolisten", "tcp"))
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        String number = display.inputReader(StandardCharsets.US_ASCII).readLine();
        Wine wine = new Wine(prefix, display, ":" + number);
        try {
            wine.run(List.of(PROGRAM.toString(), "wineboot", "-i"));
            wine.run(List.of(PROGRAM.toString(), "winecfg", "-v", "win10"));
            wine.keepServices();
            return wine;
        } catch (IOException | InterruptedException | AssertionError e) {
            wine.close();
            throw e;
        }
    }

    /** Runs a Windows JVM to its end; what it says, on both outputs, goes where this says it. */
    public Result java(Path directory, List<String> arguments) throws IOException, InterruptedException {
        Path said = Files.createTempFile("relaunch-guard-wine", ".txt");
        try {
            Process process = builder(command(arguments))
                    .directory(directory.toFile())
                    .redirectErrorStream(true)
                    .redirectOutput(said.toFile())
                    .start();
            boolean ended = process.waitFor(10, TimeUnit.MINUTES);
            if (!ended) {
                process.destroyForcibly();
            }
            String output = Files.readString(said);
            System.out.println(output);
            return new Result(ended ? process.exitValue() : -1, output);
        } finally {
            Files.delete(said);
        }
    }

    /** Starts a Windows JVM, which reads and says what it does by pipes. */
    public Process start(List<String> arguments) throws IOException {
        return builder(command(arguments))
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
    }

    private static List<String> command(List<String> arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                PROGRAM.toString(),
                jre().resolve("bin/java.exe").toString(),
                "-Duser.timezone=UTC",
                "-Dfile.encoding=UTF-8",
                "-Dsun.stdout.encoding=UTF-8",
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC"));
        command.addAll(arguments);
        return command;
    }

    /**
     * The reference launcher as a jar beside its libraries: without the jars in a jar a JVM starts in half the time. Not below the
     * prefix, whose name Wine leaves out of a directory's list, so that a JVM finds no class there.
     */
    public static Path unpackLauncher(Path directory) throws IOException, InterruptedException {
        Path jar = Path.of(System.getProperty("relaunchguard.jar"));
        int exitCode = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Djarmode=tools",
                        "-jar",
                        jar.toString(),
                        "extract",
                        "--force",
                        "--destination",
                        directory.toString())
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start()
                .waitFor();
        assertThat(exitCode).isZero();
        return directory.resolve(jar.getFileName());
    }

    /** Where its files are on this host. */
    public Path prefix() {
        return prefix;
    }

    /** What its programs find in their environment. */
    public Map<String, String> environment() {
        return Map.of(
                "WINEPREFIX",
                prefix.toString(),
                "WINEDEBUG",
                "-all",
                // It would offer to download what these tests have no use for, and write into the user's menus. Its
                // sound drivers would load libpulse, which makes a folder that nothing removes.
                "WINEDLLOVERRIDES",
                "mscoree,mshtml,winepulse.drv,winealsa.drv,wineoss.drv=;winemenubuilder.exe=d",
                "DISPLAY",
                displayName);
    }

    /** How Windows calls a file of this host. */
    public static String path(Path file) {
        return "Z:" + file.toAbsolutePath().toString().replace('/', '\\');
    }

    /** What a JVM ended with and said. */
    public record Result(int exitCode, String output) {}

    @Override
    public void close() throws IOException, InterruptedException {
        List<Path> directories = directories();
        try {
            run(List.of(WINESERVER.toString(), "-k"));
            run(List.of(WINESERVER.toString(), "-w"));
        } finally {
            Reaper.processesWith("WINEPREFIX=" + prefix).forEach(ProcessHandle::destroyForcibly);
            display.destroy();
            display.waitFor();
            // The server writes its registry once more when it ends, and may be at it still.
            await().atMost(30, TimeUnit.SECONDS)
                    .ignoreExceptionsInstanceOf(IOException.class)
                    .until(() -> areDeleted(directories));
        }
    }

    /** Its own, and the one that its server made for a socket, named in a file there, and leaves behind. */
    private List<Path> directories() throws IOException {
        Path server = prefix.resolve("wineserver");
        String name = Files.exists(server) ? Files.readString(server).trim() : "";
        return name.matches("wine-\\w+") ? List.of(Path.of("/tmp", name), prefix) : List.of(prefix);
    }

    private static boolean areDeleted(List<Path> directories) throws IOException {
        for (Path directory : directories) {
            if (Files.exists(directory)) {
                try (Stream<Path> files = Files.walk(directory)) {
                    for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                        Files.delete(file);
                    }
                }
            }
        }
        return directories.stream().noneMatch(Files::exists);
    }

    /**
     * The services of Wine are children of the program that first needs them and end with the last one. A program of a test would
     * take them along; so one of this class's own, which waits for its input, has them until the end.
     */
    private void keepServices() throws IOException {
        builder(List.of(PROGRAM.toString(), "cmd.exe"))
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
    }

    private void run(List<String> command) throws IOException, InterruptedException {
        Process process = builder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        assertThat(process.waitFor(2, TimeUnit.MINUTES))
                .as(String.join(" ", command))
                .isTrue();
    }

    private ProcessBuilder builder(List<String> command) {
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().putAll(environment());
        return Reaper.endsWithThisJvm(builder);
    }

    /** A genuine Windows JRE, unpacked once into the user's cache. */
    private static Path jre() throws IOException {
        Path cache = Path.of(System.getProperty("user.home"), ".cache", "relaunch-guard");
        Path jre = cache.resolve("windows-jre-" + ARCHIVE_SHA256.substring(0, 16));
        if (!Files.isDirectory(jre)) {
            Path archive = Path.of(System.getProperty("relaunchguard.windows.jre", ""));
            assertThat(sha256(archive)).as("the SHA-256 of " + archive).isEqualTo(ARCHIVE_SHA256);
            Files.createDirectories(cache);
            Path unpacked = Files.createTempDirectory(cache, "unpacking");
            unpack(archive, unpacked);
            Files.move(unpacked, jre, StandardCopyOption.ATOMIC_MOVE);
        }
        return jre;
    }

    private static void unpack(Path archive, Path target) throws IOException {
        try (ZipInputStream zip = new ZipInputStream(Files.newInputStream(archive))) {
            for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
                if (entry.isDirectory() || !entry.getName().startsWith(JRE_IN_ARCHIVE)) {
                    continue;
                }
                Path file = target.resolve(entry.getName().substring(JRE_IN_ARCHIVE.length()))
                        .normalize();
                if (!file.startsWith(target)) {
                    throw new IOException("the archive reaches out of its directory: " + entry.getName());
                }
                Files.createDirectories(file.getParent());
                Files.copy(zip, file);
            }
        }
    }

    static String sha256(Path file) {
        try (InputStream input = Files.newInputStream(file);
                DigestInputStream digesting = new DigestInputStream(input, MessageDigest.getInstance("SHA-256"))) {
            digesting.transferTo(OutputStream.nullOutputStream());
            return HexFormat.of().formatHex(digesting.getMessageDigest().digest());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
