package io.relaunchguard.platform.posix;

import static io.relaunchguard.platform.Markers.marker;
import static org.assertj.core.api.Assertions.assertThat;

import io.relaunchguard.core.Observation;
import io.relaunchguard.core.consent.ConsentMarker;
import io.relaunchguard.core.consent.MarkerCodec;
import io.relaunchguard.core.consent.MarkerReading;
import io.relaunchguard.core.lock.InstanceRecord;
import io.relaunchguard.core.lock.InstanceRecordCodec;
import io.relaunchguard.core.lock.SingletonLock;
import io.relaunchguard.platform.file.FileMarkerStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tag;
import net.jqwik.api.lifecycle.AfterTry;
import net.jqwik.api.lifecycle.BeforeTry;

/** Whatever bytes somebody has put into the files of a profile: their stores say what was found, and throw nothing. */
class RawFilesTest {

    private static final Set<PosixFilePermission> OURS = PosixFilePermissions.fromString("rw-------");
    private static final ConsentMarker MARKER = marker("nonce");
    private static final InstanceRecord RECORD = new InstanceRecord(
            new SingletonLock("desk-7", 4711),
            Optional.of(Instant.EPOCH),
            "1",
            "boot",
            "machine",
            "pid:[1]",
            "time:[1]",
            "0",
            "1:2",
            "3:4",
            false,
            false,
            List.of());

    private Path profile;
    private FileMarkerStore markers;
    private FileInstanceRecordStore records;

    @BeforeTry
    void open() throws IOException {
        profile = Files.createTempDirectory("relaunch-guard-raw");
        int own = (Integer) Files.getAttribute(profile, "unix:uid");
        PosixFiles files = new PosixFiles(() -> Observation.seen(own));
        markers = new FileMarkerStore(profile, files);
        records = new FileInstanceRecordStore(
                profile,
                files,
                (directory, kind) -> Optional.empty(),
                directory -> "ext4",
                directory -> false,
                changed -> false);
    }

    @AfterTry
    void close() throws IOException {
        try (Stream<Path> files = Files.walk(profile)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }

    @Property(tries = 2_000)
    @Tag("H05")
    void aMarkerIsBelievedOnlyIfItsBytesAreOne(
            @ForAll("markerBytes") byte[] content, @ForAll("namesOfAConsent") String name) throws IOException {
        place(name, content, OURS);
        boolean asked = name.equals("RelaunchGuard.asked");
        MarkerReading decoded = MarkerCodec.decode(content);
        MarkerReading expected =
                decoded instanceof MarkerReading.Valid valid ? new MarkerReading.Valid(valid.marker(), asked) : decoded;

        assertThat(markers.peek()).isEqualTo(expected);
        assertThat(markers.claim()).isEqualTo(expected);
        MarkerReading noted = markers.noteRequest();
        // What was noted once is not noted again.
        assertThat(noted instanceof MarkerReading.Valid).isEqualTo(expected instanceof MarkerReading.Valid && !asked);
        markers.discardClaim();
        assertThat(markers.readClaim()).isEqualTo(new MarkerReading.Absent());
    }

    @Property(tries = 500)
    @Tag("H05")
    void noMarkerIsBelievedThatIsOpenToOthersOrALink(
            @ForAll Set<PosixFilePermission> permissions, @ForAll boolean link, @ForAll("namesOfAConsent") String name)
            throws IOException {
        if (link) {
            place("elsewhere", MarkerCodec.encode(MARKER), permissions);
            Files.createSymbolicLink(profile.resolve(name), Path.of("elsewhere"));
        } else {
            place(name, MarkerCodec.encode(MARKER), permissions);
        }

        boolean believed = !link && permissions.equals(OURS);
        assertThat(markers.peek() instanceof MarkerReading.Valid).isEqualTo(believed);
        assertThat(markers.claim() instanceof MarkerReading.Valid).isEqualTo(believed);
        assertThat(markers.readClaim() instanceof MarkerReading.Valid).isEqualTo(believed);
    }

    @Property(tries = 2_000)
    @Tag("H09")
    void anInstanceRecordIsBelievedOnlyIfItsBytesAreOne(@ForAll("recordBytes") byte[] content) throws IOException {
        place("RelaunchGuard.instance", content, OURS);

        Observation<InstanceRecord> read = records.read();

        Observation<InstanceRecord> decoded = InstanceRecordCodec.decode(content);
        assertThat(read)
                .isEqualTo(decoded instanceof Observation.Seen ? decoded : Observation.absent(decoded.shortfall()));
    }

    @Property(tries = 500)
    @Tag("H09")
    void noInstanceRecordIsBelievedThatIsOpenToOthers(@ForAll Set<PosixFilePermission> permissions) throws IOException {
        place("RelaunchGuard.instance", InstanceRecordCodec.encode(RECORD), permissions);

        assertThat(records.read() instanceof Observation.Seen).isEqualTo(permissions.equals(OURS));
    }

    @Provide
    Arbitrary<String> namesOfAConsent() {
        return Arbitraries.of("RelaunchGuard.marker", "RelaunchGuard.claim", "RelaunchGuard.asked");
    }

    @Provide
    Arbitrary<byte[]> markerBytes() {
        return like(MarkerCodec.encode(MARKER));
    }

    @Provide
    Arbitrary<byte[]> recordBytes() {
        return like(InstanceRecordCodec.encode(RECORD));
    }

    /** Anything, long or short; and the real thing with some bytes changed, or with its end missing. */
    private static Arbitrary<byte[]> like(byte[] real) {
        Arbitrary<byte[]> anything = Arbitraries.bytes().array(byte[].class).ofMaxSize(300);
        Arbitrary<byte[]> longer =
                Arbitraries.integers().between(8_190, 8_200).map(length -> Arrays.copyOf(real, length));
        Arbitrary<List<Integer>> changes =
                Arbitraries.integers().between(0, real.length * 256 - 1).list().ofMaxSize(4);
        Arbitrary<byte[]> changed = Combinators.combine(
                        changes, Arbitraries.integers().between(-real.length, real.length))
                .as((places, end) -> {
                    byte[] content = real.clone();
                    places.forEach(place -> content[place / 256] = (byte) (place % 256));
                    return Arrays.copyOf(content, end > 0 ? end : content.length);
                });
        return Arbitraries.oneOf(anything, longer, changed, changed);
    }

    private void place(String name, byte[] content, Set<PosixFilePermission> permissions) throws IOException {
        Files.write(profile.resolve(name), content);
        Files.setPosixFilePermissions(profile.resolve(name), permissions);
    }
}
