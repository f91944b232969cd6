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
 * A small file that is trusted only if no other user may have written it, see {@link ProfileFiles}, and if it was the
 * same before and after reading. Writing is atomic: the file is complete or unchanged.
 */
public final class OwnerOnlyFile {

    private static final int MOST_TRIES = 5;

    private final Path file;
    private final String subject;
    private final ProfileFiles files;

    /** The result of reading the file. */
    public sealed interface Content {

        /** There is no file. */
        record Absent() implements Content {}

        /** The content of a trusted file. */
        @SuppressWarnings("ArrayRecordComponent") // The bytes go straight to a decoder and are never compared.
        record Read(byte[] bytes) implements Content {}

        /** A file that must not be trusted. */
        record Refused(String reason) implements Content {}

        /** A file that could not be read. */
        record Unreadable(String reason) implements Content {}
    }

    /**
     * Creates the access to a file, without accessing it yet.
     *
     * @param subject what the file is, for messages, such as "the marker"
     */
    public OwnerOnlyFile(Path file, String subject, ProfileFiles files) {
        this.file = file;
        this.subject = subject;
        this.files = files;
    }

    /** Reads the file. */
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
     * Writes the file atomically and durably, replacing any older one.
     *
     * @throws IOException if the file cannot be written; no partial file remains then
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
     * Writes the file atomically, but a power failure may undo it: for content that means nothing in another boot.
     *
     * @throws IOException if the file cannot be written; no partial file remains then
     */
    public void writeForThisBoot(byte[] content) throws IOException {
        write(content, false);
    }

    /**
     * Writes the file, and tries a second time if its temporary file vanishes: a launcher that cleans up may take it
     * for a leftover, but does so only once.
     */
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

    /** Deletes the temporary files that killed writers have left. */
    public void deleteLeftovers() throws IOException {
        try (DirectoryStream<Path> leftovers = Files.newDirectoryStream(directory(), file.getFileName() + ".*.tmp")) {
            for (Path leftover : leftovers) {
                Files.deleteIfExists(leftover);
            }
        }
    }

    /** Returns the reason of a failure as text. */
    public static String reason(IOException e) {
        return e instanceof AccessDeniedException ? "permission denied" : String.valueOf(e.getMessage());
    }

    private Path directory() {
        return Objects.requireNonNull(file.getParent());
    }
}
