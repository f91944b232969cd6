package io.relaunchguard.platform.posix;

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
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.function.Supplier;

/**
 * A small file that is believed only if it is this user's own: a regular file with one link and mode 0600, and the same
 * before and after it was read. It is written whole or not at all.
 */
final class OwnerOnlyFile {

    private static final Set<PosixFilePermission> OWNER_ONLY = PosixFilePermissions.fromString("rw-------");
    private static final FileAttribute<Set<PosixFilePermission>> OWNER_ONLY_ATTRIBUTE =
            PosixFilePermissions.asFileAttribute(OWNER_ONLY);

    private final Path file;
    private final String subject;
    private final Supplier<Observation<Integer>> ownUid;

    /** What was found. */
    sealed interface Content {

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
    OwnerOnlyFile(Path file, String subject, Supplier<Observation<Integer>> ownUid) {
        this.file = file;
        this.subject = subject;
        this.ownUid = ownUid;
    }

    Content read() {
        try {
            Map<String, Object> before = attributes();
            String refusal = refusal(before);
            if (!refusal.isEmpty()) {
                return new Content.Refused(refusal);
            }
            Observation<Integer> uid = ownUid.get();
            if (uid instanceof Observation.Unknown) {
                return new Content.Unreadable("this user is not known: " + uid.shortfall());
            }
            if (!uid.is((Integer) Objects.requireNonNull(before.get("uid")))) {
                return new Content.Refused(subject + " belongs to another user");
            }
            byte[] content;
            try (InputStream input = Files.newInputStream(file, LinkOption.NOFOLLOW_LINKS)) {
                content = input.readNBytes(KeyValueText.MAX_BYTES + 1);
            }
            return attributes().equals(before)
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
    void write(byte[] content) throws IOException {
        Path temporary = file.resolveSibling(file.getFileName() + "." + UUID.randomUUID() + ".tmp");
        try {
            try (FileChannel channel = FileChannel.open(
                    temporary, Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE), OWNER_ONLY_ATTRIBUTE)) {
                ByteBuffer rest = ByteBuffer.wrap(content);
                while (rest.hasRemaining()) {
                    channel.write(rest);
                }
                channel.force(true);
            }
            Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE);
        } finally {
            Files.deleteIfExists(temporary);
        }
        try (FileChannel directory = FileChannel.open(directory(), StandardOpenOption.READ)) {
            directory.force(true);
        } catch (IOException e) {
            Files.deleteIfExists(file);
            throw e;
        }
    }

    /** Deletes what a writer that was killed has left. */
    void deleteLeftovers() throws IOException {
        try (DirectoryStream<Path> leftovers = Files.newDirectoryStream(directory(), file.getFileName() + ".*.tmp")) {
            for (Path leftover : leftovers) {
                Files.deleteIfExists(leftover);
            }
        }
    }

    static String reason(IOException e) {
        return e instanceof AccessDeniedException ? "permission denied" : String.valueOf(e.getMessage());
    }

    private Path directory() {
        return Objects.requireNonNull(file.getParent());
    }

    private Map<String, Object> attributes() throws IOException {
        return Files.readAttributes(
                file,
                "unix:ino,dev,uid,nlink,size,permissions,isRegularFile,lastModifiedTime",
                LinkOption.NOFOLLOW_LINKS);
    }

    /** Why the file must not be believed; empty if it may. */
    private String refusal(Map<String, Object> attributes) {
        if (!Boolean.TRUE.equals(attributes.get("isRegularFile"))) {
            return subject + " is not a regular file";
        }
        if (!Objects.equals(attributes.get("permissions"), OWNER_ONLY)) {
            return subject + "'s permissions are not 0600";
        }
        // None at all if it was replaced just now; that is found out after the reading.
        if ((Integer) Objects.requireNonNull(attributes.get("nlink")) > 1) {
            return subject + " has several links";
        }
        return (Long) Objects.requireNonNull(attributes.get("size")) > KeyValueText.MAX_BYTES
                ? "%s is longer than %d bytes".formatted(subject, KeyValueText.MAX_BYTES)
                : "";
    }
}
