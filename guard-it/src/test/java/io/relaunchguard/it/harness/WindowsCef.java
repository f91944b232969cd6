package io.relaunchguard.it.harness;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;

/** The CEF 108 for Windows of Maven Central, with its JCEF. The only one there. */
public final class WindowsCef {

    private static final String ARCHIVE_SHA256 = "0b47da7ad125ffbc6a8e718c2d6f514a62700ab64f38e93d692abe421578f4df";

    private WindowsCef() {}

    /** Its natives, unpacked once into the user's cache. */
    public static Path natives() throws IOException, InterruptedException {
        Path cache = Path.of(System.getProperty("user.home"), ".cache", "relaunch-guard");
        Path natives = cache.resolve("windows-cef-" + ARCHIVE_SHA256.substring(0, 16));
        if (!Files.isDirectory(natives)) {
            Path archive = Path.of(System.getProperty("relaunchguard.windows.cef", ""));
            assertThat(Wine.sha256(archive)).as("the SHA-256 of " + archive).isEqualTo(ARCHIVE_SHA256);
            Files.createDirectories(cache);
            Path unpacked = Files.createTempDirectory(cache, "unpacking");
            unpack(archive, unpacked);
            Files.move(unpacked, natives, StandardCopyOption.ATOMIC_MOVE);
        }
        return natives;
    }

    /** The classes of the JCEF that goes with it. */
    public static Path classes() {
        return Path.of(System.getProperty("relaunchguard.windows.jcef", ""));
    }

    private static void unpack(Path archive, Path target) throws IOException, InterruptedException {
        try (ZipInputStream zip = new ZipInputStream(Files.newInputStream(archive))) {
            for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
                if (entry.getName().endsWith(".tar.gz")) {
                    untar(zip, target);
                    return;
                }
            }
        }
        throw new IOException("no natives in " + archive);
    }

    private static void untar(InputStream archive, Path target) throws IOException, InterruptedException {
        Process tar = new ProcessBuilder("tar", "-xzf", "-", "-C", target.toString())
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        try (OutputStream input = tar.getOutputStream()) {
            archive.transferTo(input);
        }
        assertThat(tar.waitFor()).as("tar").isZero();
    }
}
