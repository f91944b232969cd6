package io.relaunchguard.platform.file;

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
import java.util.List;
import java.util.Set;
import java.util.UUID;

/** The consent marker as a file in the profile directory; {@code docs/marker.md} describes it for other writers. */
public final class FileMarkerStore implements MarkerStore {

    /** What the outgoing process writes. */
    static final String MARKER = "RelaunchGuard.marker";

    /** What a launcher makes of it. */
    static final String CLAIM = "RelaunchGuard.claim";

    private final Path profile;
    private final ProfileFiles files;

    /** The marker of one profile. Nothing is touched yet. */
    public FileMarkerStore(Path profile, ProfileFiles files) {
        this.profile = profile;
        this.files = files;
    }

    @Override
    public Observation<String> profileIdentity() {
        try {
            return Observation.seen(files.identity(profile));
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
                    temporary, Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE), files.ownersOnly())) {
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
        try {
            files.keepNames(profile);
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
            ProfileFiles.Inspection before = files.inspect(file);
            if (before.trusted() instanceof Observation.Unknown) {
                return new MarkerReading.Unreadable(before.trusted().shortfall());
            }
            if (before.trusted() instanceof Observation.Absent) {
                return new MarkerReading.Invalid(before.trusted().shortfall());
            }
            byte[] content;
            try (InputStream input = Files.newInputStream(file, LinkOption.NOFOLLOW_LINKS)) {
                content = input.readNBytes(KeyValueText.MAX_BYTES + 1);
            }
            return files.inspect(file).state().equals(before.state())
                    ? MarkerCodec.decode(content)
                    : new MarkerReading.Unreadable("the marker changed while it was read");
        } catch (NoSuchFileException e) {
            return new MarkerReading.Absent();
        } catch (IOException e) {
            return new MarkerReading.Unreadable(reason(e));
        }
    }

    private static String reason(IOException e) {
        return e instanceof AccessDeniedException ? "permission denied" : String.valueOf(e.getMessage());
    }
}
