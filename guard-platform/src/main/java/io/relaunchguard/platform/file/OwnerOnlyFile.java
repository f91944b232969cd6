package io.relaunchguard.platform.file;

import io.relaunchguard.core.KeyValueText;
import io.relaunchguard.core.Observation;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;

/**
 * A small file that is believed only if nobody but this user may have written it, see {@link ProfileFiles}, and it was the
 * same before and after it was read. It is written whole or not at all.
 */
public final class OwnerOnlyFile {

    private static final int MOST_TRIES = 5;

    private final Path file;
    private final String subject;
    private final ProfileFiles files;

    /** What was found. */
    public sealed interface Content {

        /** No file. */
        record Absent() implements Content {}

        /** The content of a file that is ours. */
        @SuppressWarnings("ArrayRecordComponent") // It goes to a decoder at once and is never compared.
        record Read(byte[] bytes) implements Content {}

        /** Something that must not be believed. */
        record Refused(String reason) implements Content {}

        /** Something that could not be read. */
        record Unreadable(String reason) implements Content {}
    }

    /**
     * A file.
     *
     * @param subject what it is, for messages, such as "the marker"
     */
    public OwnerOnlyFile(Path file, String subject, ProfileFiles files) {
        this.file = file;
        this.subject = subject;
        this.files = files;
    }

    /** Reads it. */
    public Content read() {
        try {
            ProfileFiles.Inspection before = files.inspect(file, subject);
            if (before.trusted() instanceof Observation.Absent) {
                return new Content.Refused(before.trusted().shortfall());
            }
            if (before.trusted() instanceof Observation.Unknown) {
                return new Content.Unreadable(before.trusted().shortfall());
            }
            byte[] content;
            try (InputStream input = Files.newInputStream(file, LinkOption.NOFOLLOW_LINKS)) {
                content = input.readNBytes(KeyValueText.MAX_BYTES + 1);
            }
            return files.inspect(file, subject).state().equals(before.state())
                    ? new Content.Read(content)
                    : new Content.Unreadable(subject + " changed while it was read");
        } catch (NoSuchFileException e) {
            return new Content.Absent();
        } catch (IOException e) {
            return new Content.Unreadable(reason(e));
        }
    }

    /**
     * Writes it atomically and durably, in place of an older one.
     *
     * @throws IOException if it cannot be written; nothing is left behind then
     */
    public void write(byte[] content) throws IOException {
        write(content, true);
        try {
            files.keepNames(directory());
        } catch (IOException e) {
            Files.deleteIfExists(file);
            throw e;
        }
    }

    /**
     * The same, but a power failure may undo it: for what says nothing in another boot.
     *
     * @throws IOException if it cannot be written; nothing is left behind then
     */
    public void writeForThisBoot(byte[] content) throws IOException {
        write(content, false);
    }

    /** A launcher that clears up may take the temporary file for a leftover: it does so once. */
    private void write(byte[] content, boolean durably) throws IOException {
        for (int tries = 1; ; tries++) {
            try {
                writeOnce(content, durably);
                return;
            } catch (NoSuchFileException e) {
                if (tries == MOST_TRIES || Files.notExists(directory())) {
                    throw e;
                }
            }
        }
    }

    private void writeOnce(byte[] content, boolean durably) throws IOException {
        // A random UUID would load some sixty classes of the JDK's security providers.
        Path temporary = file.resolveSibling("%s.%d-%x.tmp"
                .formatted(
                        file.getFileName(),
                        ProcessHandle.current().pid(),
                        ThreadLocalRandom.current().nextLong()));
        try {
            try (FileChannel channel = FileChannel.open(
                    temporary, Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE), files.ownersOnly())) {
                ByteBuffer rest = ByteBuffer.wrap(content);
                while (rest.hasRemaining()) {
                    channel.write(rest);
                }
                if (durably) {
                    channel.force(true);
                }
            }
            Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE);
        } finally {
            Files.deleteIfExists(temporary);
        }
    }

    /** Deletes what a writer that was killed has left. */
    public void deleteLeftovers() throws IOException {
        try (DirectoryStream<Path> leftovers = Files.newDirectoryStream(directory(), file.getFileName() + ".*.tmp")) {
            for (Path leftover : leftovers) {
                Files.deleteIfExists(leftover);
            }
        }
    }

    /** What went wrong, in words. */
    public static String reason(IOException e) {
        return e instanceof AccessDeniedException ? "permission denied" : String.valueOf(e.getMessage());
    }

    private Path directory() {
        return Objects.requireNonNull(file.getParent());
    }
}
