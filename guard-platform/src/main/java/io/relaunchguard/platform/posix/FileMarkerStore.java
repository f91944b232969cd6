package io.relaunchguard.platform.posix;

import io.relaunchguard.core.KeyValueText;
import io.relaunchguard.core.Observation;
import io.relaunchguard.core.consent.ConsentMarker;
import io.relaunchguard.core.consent.MarkerCodec;
import io.relaunchguard.core.consent.MarkerReading;
import io.relaunchguard.core.consent.MarkerStore;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
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
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.function.Supplier;

/** The consent marker as a file in the profile directory; {@code docs/marker.md} describes it for other writers. */
public final class FileMarkerStore implements MarkerStore {

    /** What the outgoing process writes. */
    static final String MARKER = "RelaunchGuard.marker";

    /** What a launcher makes of it. */
    static final String CLAIM = "RelaunchGuard.claim";

    private static final Set<PosixFilePermission> OWNER_ONLY = PosixFilePermissions.fromString("rw-------");
    private static final FileAttribute<Set<PosixFilePermission>> OWNER_ONLY_ATTRIBUTE =
            PosixFilePermissions.asFileAttribute(OWNER_ONLY);

    private final Path profile;
    private final Supplier<Observation<Integer>> ownUid;

    /** The marker of one profile. Nothing is touched yet. */
    public FileMarkerStore(Path profile, Supplier<Observation<Integer>> ownUid) {
        this.profile = profile;
        this.ownUid = ownUid;
    }

    @Override
    public Observation<String> profileIdentity() {
        try {
            Map<String, Object> attributes = Files.readAttributes(profile, "unix:dev,ino");
            return Observation.seen("%d:%d".formatted((Long) attributes.get("dev"), (Long) attributes.get("ino")));
        } catch (IOException e) {
            return Observation.unknown("the profile directory cannot be identified: " + reason(e));
        }
    }

    @Override
    public MarkerReading peek() {
        MarkerReading marker = read(marker());
        return marker instanceof MarkerReading.Absent ? read(claimed()) : marker;
    }

    @Override
    public MarkerReading claim() {
        MarkerReading marker = read(marker());
        if (marker instanceof MarkerReading.Absent) {
            return read(claimed());
        }
        if (!(marker instanceof MarkerReading.Valid)) {
            return marker;
        }
        try {
            Files.move(marker(), claimed(), StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            return new MarkerReading.Unreadable("it cannot be claimed: " + reason(e));
        }
        return read(claimed());
    }

    @Override
    public MarkerReading readClaim() {
        return read(claimed());
    }

    @Override
    public void discardClaim() {
        try {
            Files.deleteIfExists(claimed());
            try (DirectoryStream<Path> leftovers = Files.newDirectoryStream(profile, MARKER + ".*.tmp")) {
                for (Path leftover : leftovers) {
                    Files.deleteIfExists(leftover);
                }
            }
        } catch (NoSuchFileException e) {
            // Without the directory there is no claim.
            return;
        } catch (IOException e) {
            throw new UncheckedIOException("the consent marker in %s cannot be deleted".formatted(profile), e);
        }
    }

    @Override
    public void write(ConsentMarker marker) throws IOException {
        byte[] content = MarkerCodec.encode(marker);
        Path temporary = profile.resolve(MARKER + "." + UUID.randomUUID() + ".tmp");
        try {
            try (FileChannel channel = FileChannel.open(
                    temporary, Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE), OWNER_ONLY_ATTRIBUTE)) {
                ByteBuffer rest = ByteBuffer.wrap(content);
                while (rest.hasRemaining()) {
                    channel.write(rest);
                }
                channel.force(true);
            }
            Files.move(temporary, marker(), StandardCopyOption.ATOMIC_MOVE);
        } finally {
            Files.deleteIfExists(temporary);
        }
        try (FileChannel directory = FileChannel.open(profile, StandardOpenOption.READ)) {
            directory.force(true);
        } catch (IOException e) {
            Files.deleteIfExists(marker());
            throw e;
        }
    }

    /** First where it was written, then where a launcher may just have put it: it only ever moves that way. */
    @Override
    public void withdraw(String nonce) throws IOException {
        for (Path file : List.of(marker(), claimed())) {
            if (read(file) instanceof MarkerReading.Valid valid
                    && valid.marker().nonce().equals(nonce)) {
                Files.deleteIfExists(file);
            }
        }
    }

    private Path marker() {
        return profile.resolve(MARKER);
    }

    private Path claimed() {
        return profile.resolve(CLAIM);
    }

    private MarkerReading read(Path file) {
        try {
            Map<String, Object> before = attributes(file);
            String refusal = refusal(before);
            if (!refusal.isEmpty()) {
                return new MarkerReading.Invalid(refusal);
            }
            Observation<Integer> uid = ownUid.get();
            if (uid instanceof Observation.Unknown) {
                return new MarkerReading.Unreadable("this user is not known: " + uid.shortfall());
            }
            if (!uid.is((Integer) Objects.requireNonNull(before.get("uid")))) {
                return new MarkerReading.Invalid("the marker belongs to another user");
            }
            byte[] content;
            try (InputStream input = Files.newInputStream(file, LinkOption.NOFOLLOW_LINKS)) {
                content = input.readNBytes(KeyValueText.MAX_BYTES + 1);
            }
            return attributes(file).equals(before)
                    ? MarkerCodec.decode(content)
                    : new MarkerReading.Unreadable("the marker changed while it was read");
        } catch (NoSuchFileException e) {
            return new MarkerReading.Absent();
        } catch (IOException e) {
            return new MarkerReading.Unreadable(reason(e));
        }
    }

    private static Map<String, Object> attributes(Path file) throws IOException {
        return Files.readAttributes(
                file,
                "unix:ino,dev,uid,nlink,size,permissions,isRegularFile,lastModifiedTime",
                LinkOption.NOFOLLOW_LINKS);
    }

    /** Why the file must not be believed; empty if it may. */
    private static String refusal(Map<String, Object> attributes) {
        if (!Boolean.TRUE.equals(attributes.get("isRegularFile"))) {
            return "the marker is not a regular file";
        }
        if (!Objects.equals(attributes.get("permissions"), OWNER_ONLY)) {
            return "the marker's permissions are not 0600";
        }
        // None at all if it was replaced just now; that is found out after the reading.
        if ((Integer) Objects.requireNonNull(attributes.get("nlink")) > 1) {
            return "the marker has several links";
        }
        return (Long) Objects.requireNonNull(attributes.get("size")) > KeyValueText.MAX_BYTES
                ? "the marker is longer than %d bytes".formatted(KeyValueText.MAX_BYTES)
                : "";
    }

    private static String reason(IOException e) {
        return e instanceof AccessDeniedException ? "permission denied" : String.valueOf(e.getMessage());
    }
}
