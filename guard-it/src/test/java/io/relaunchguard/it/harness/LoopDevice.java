package io.relaunchguard.it.harness;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** A file system of its own on a loop device. On closing it is thawed and unmounted, which frees the device. */
public final class LoopDevice implements AutoCloseable {

    private static final int MEGABYTE = 1024 * 1024;

    private final Path image;
    private final Path directory;
    private boolean mounted;
    private boolean frozen;

    /** An ext4 of this size, mounted below the sandbox. */
    public LoopDevice(Sandbox sandbox, int megabytes) {
        image = sandbox.root().resolve("disk.img");
        directory = sandbox.root().resolve("disk");
        try (RandomAccessFile file = new RandomAccessFile(image.toFile(), "rw")) {
            Files.createDirectories(directory);
            file.setLength((long) megabytes * MEGABYTE);
            run("mkfs.ext4", "-q", "-m", "0", image.toString());
            run("mount", "-o", "loop", image.toString(), directory.toString());
            mounted = true;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Where it is mounted. */
    public Path directory() {
        return directory;
    }

    /** From now on whoever writes on it waits, and cannot be interrupted. */
    public void freeze() {
        run("fsfreeze", "--freeze", directory.toString());
        frozen = true;
    }

    /** Lets the writers go on. */
    public void thaw() {
        if (frozen) {
            run("fsfreeze", "--unfreeze", directory.toString());
            frozen = false;
        }
    }

    @Override
    public void close() {
        thaw();
        if (mounted) {
            // Who waited in a write may still have a file open.
            await().atMost(30, SECONDS).untilAsserted(() -> run("umount", directory.toString()));
            mounted = false;
        }
    }

    private static void run(String... command) {
        try {
            Process process =
                    new ProcessBuilder(command).redirectErrorStream(true).start();
            String output = new String(process.getInputStream().readAllBytes(), UTF_8);
            assertThat(process.waitFor()).as(List.of(command) + ": " + output).isZero();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }
}
