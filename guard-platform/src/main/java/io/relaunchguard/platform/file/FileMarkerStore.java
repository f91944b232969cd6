package io.relaunchguard.platform.file;

import io.relaunchguard.core.Observation;
import io.relaunchguard.core.consent.ClosingNotice;
import io.relaunchguard.core.consent.ConsentMarker;
import io.relaunchguard.core.consent.ConsentStage;
import io.relaunchguard.core.consent.MarkerCodec;
import io.relaunchguard.core.consent.MarkerReading;
import io.relaunchguard.core.consent.MarkerStore;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/** The consent marker as a file in the profile directory; {@code docs/marker.md} describes it for other writers. */
public final class FileMarkerStore implements MarkerStore {

    /** The name of the file that the outgoing process writes. */
    static final String MARKER = "RelaunchGuard.marker";

    /** The name that a launcher gives the file when it claims the consent. */
    static final String CLAIM = "RelaunchGuard.claim";

    /**
     * The name that a launcher gives its claim before it asks the process to end. A consent only ever moves forward to
     * the next of these names.
     */
    static final String ASKED = "RelaunchGuard.asked";

    /** The name of the closing notice. */
    static final String CLOSING = "RelaunchGuard.closing";

    private static final List<ConsentStage> STAGES =
            List.of(ConsentStage.WRITTEN, ConsentStage.CLAIMED, ConsentStage.ASKED);

    private final Path profile;
    private final ProfileFiles files;

    /** Creates the marker store of one profile, without accessing any file yet. */
    public FileMarkerStore(Path profile, ProfileFiles files) {
        this.profile = profile;
        this.files = files;
    }

    @Override
    public Observation<String> profileIdentity() {
        try {
            return Observation.seen(files.identity(profile));
        } catch (IOException e) {
            return Observation.unknown("the profile directory cannot be identified: " + OwnerOnlyFile.reason(e));
        }
    }

    @Override
    public MarkerReading peek() {
        MarkerReading marker = read(marker());
        return marker instanceof MarkerReading.Absent ? readClaim() : marker;
    }

    @Override
    public MarkerReading claim() {
        MarkerReading marker = read(marker());
        if (marker instanceof MarkerReading.Absent) {
            return readClaim();
        }
        if (!(marker instanceof MarkerReading.Valid)) {
            return marker;
        }
        try {
            // The previous consent, which this one replaces: it must not reappear when this one is withdrawn.
            Files.deleteIfExists(asked());
            Files.move(marker(), claimed(), StandardCopyOption.ATOMIC_MOVE);
        } catch (NoSuchFileException e) {
            // The marker was withdrawn just now.
            return readClaim();
        } catch (IOException e) {
            return new MarkerReading.Unreadable("it cannot be claimed: " + OwnerOnlyFile.reason(e));
        }
        return read(claimed());
    }

    @Override
    public MarkerReading readClaim() {
        MarkerReading claim = read(claimed());
        if (!(claim instanceof MarkerReading.Absent)) {
            return claim;
        }
        MarkerReading asked = read(asked());
        return asked instanceof MarkerReading.Valid valid ? new MarkerReading.Valid(valid.marker(), true) : asked;
    }

    @Override
    public MarkerReading noteRequest() {
        try {
            Files.move(claimed(), asked(), StandardCopyOption.ATOMIC_MOVE);
        } catch (NoSuchFileException e) {
            return new MarkerReading.Absent();
        } catch (IOException e) {
            throw new UncheckedIOException(
                    "it cannot be noted in %s that a process is asked to end".formatted(profile), e);
        }
        return readClaim();
    }

    @Override
    public void discardClaim() {
        try {
            Files.deleteIfExists(claimed());
            Files.deleteIfExists(asked());
            file(marker()).deleteLeftovers();
        } catch (NoSuchFileException e) {
            // Without the directory there is no claim.
            return;
        } catch (IOException e) {
            throw new UncheckedIOException("the consent marker in %s cannot be deleted".formatted(profile), e);
        }
    }

    @Override
    public void write(ConsentMarker marker) throws IOException {
        file(marker()).write(MarkerCodec.encode(marker));
    }

    /**
     * {@inheritDoc}
     *
     * <p>Examines the names in the order in which the marker moves: a launcher may just have renamed it. Leaves a file
     * with another nonce alone. A file that cannot be judged may be this marker, so the consent may still stand.
     */
    @Override
    public void withdraw(String nonce) throws IOException {
        withdrawUpTo(nonce, ConsentStage.ASKED);
    }

    /**
     * {@inheritDoc}
     *
     * <p>Examines the names in the order in which the marker moves, so as not to miss it.
     */
    @Override
    public ConsentStage stage(String nonce) throws IOException {
        List<String> doubts = new ArrayList<>();
        for (ConsentStage stage : STAGES) {
            if (isThere(file(stage), marker -> marker.nonce().equals(nonce), doubts)) {
                return stage;
            }
        }
        return goneUnless(doubts);
    }

    /**
     * {@inheritDoc}
     *
     * <p>A file is either deleted or renamed, never both: the second process to try finds no file of that name.
     */
    @Override
    public ConsentStage withdrawUpTo(String nonce, ConsentStage last) throws IOException {
        List<String> doubts = new ArrayList<>();
        for (ConsentStage stage : STAGES) {
            Path file = file(stage);
            if (isThere(file, marker -> marker.nonce().equals(nonce), doubts)) {
                if (stage.compareTo(last) > 0) {
                    return stage;
                }
                delete(file, doubts);
            }
        }
        return goneUnless(doubts);
    }

    /**
     * {@inheritDoc}
     *
     * <p>Examines every name: a marker of another process may stand beside a claim of this one. What is no marker may
     * be the rest of one of this process.
     */
    @Override
    public void withdrawOf(long pid) throws IOException {
        List<String> doubts = new ArrayList<>();
        for (ConsentStage stage : STAGES) {
            Path file = file(stage);
            if (isThere(file, marker -> marker.pid() == pid, doubts)) {
                delete(file, doubts);
            } else if (read(file) instanceof MarkerReading.Invalid invalid) {
                doubts.add("%s: %s".formatted(file, invalid.reason()));
            }
        }
        goneUnless(doubts);
    }

    @Override
    public List<Path> obstacles() {
        return STAGES.stream()
                .map(this::file)
                .filter(file -> {
                    OwnerOnlyFile.Content content = file(file).read();
                    return content instanceof OwnerOnlyFile.Content.Unreadable
                            || content instanceof OwnerOnlyFile.Content.Refused;
                })
                .toList();
    }

    private static void delete(Path file, List<String> doubts) {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            doubts.add("%s: it cannot be deleted: %s".formatted(file, OwnerOnlyFile.reason(e)));
        }
    }

    @Override
    public void writeClosing(ClosingNotice notice) throws IOException {
        closingFile().writeForThisBoot(notice.encode());
    }

    @Override
    public Observation<ClosingNotice> closing() {
        OwnerOnlyFile.Content content = closingFile().read();
        if (content instanceof OwnerOnlyFile.Content.Read read) {
            return ClosingNotice.decode(read.bytes());
        }
        if (content instanceof OwnerOnlyFile.Content.Absent) {
            return Observation.absent("there is no closing notice");
        }
        return Observation.unknown(
                content instanceof OwnerOnlyFile.Content.Refused refused
                        ? refused.reason()
                        : ((OwnerOnlyFile.Content.Unreadable) content).reason());
    }

    private OwnerOnlyFile closingFile() {
        return new OwnerOnlyFile(profile.resolve(CLOSING), "the closing notice", files);
    }

    private boolean isThere(Path file, Predicate<ConsentMarker> which, List<String> doubts) {
        OwnerOnlyFile.Content content = file(file).read();
        if (content instanceof OwnerOnlyFile.Content.Unreadable unreadable) {
            doubts.add("%s: %s".formatted(file, unreadable.reason()));
        } else if (content instanceof OwnerOnlyFile.Content.Refused refused) {
            doubts.add("%s: %s".formatted(file, refused.reason()));
        }
        return content instanceof OwnerOnlyFile.Content.Read read
                && MarkerCodec.decode(read.bytes()) instanceof MarkerReading.Valid valid
                && which.test(valid.marker());
    }

    private static ConsentStage goneUnless(List<String> doubts) throws IOException {
        if (!doubts.isEmpty()) {
            throw new IOException("the consent may still stand: " + String.join("; ", doubts));
        }
        return ConsentStage.GONE;
    }

    private Path file(ConsentStage stage) {
        return switch (stage) {
            case WRITTEN -> marker();
            case CLAIMED -> claimed();
            case ASKED -> asked();
            case GONE -> throw new IllegalArgumentException("a consent that is gone has no file");
        };
    }

    private Path marker() {
        return profile.resolve(MARKER);
    }

    private Path claimed() {
        return profile.resolve(CLAIM);
    }

    private Path asked() {
        return profile.resolve(ASKED);
    }

    private OwnerOnlyFile file(Path file) {
        return new OwnerOnlyFile(file, "the marker", files);
    }

    private MarkerReading read(Path file) {
        OwnerOnlyFile.Content content = file(file).read();
        if (content instanceof OwnerOnlyFile.Content.Read read) {
            return MarkerCodec.decode(read.bytes());
        }
        if (content instanceof OwnerOnlyFile.Content.Refused refused) {
            return new MarkerReading.Invalid(refused.reason());
        }
        return content instanceof OwnerOnlyFile.Content.Unreadable unreadable
                ? new MarkerReading.Unreadable(unreadable.reason())
                : new MarkerReading.Absent();
    }
}
