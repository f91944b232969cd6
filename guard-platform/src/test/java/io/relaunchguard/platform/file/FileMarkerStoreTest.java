package io.relaunchguard.platform.file;

import static io.relaunchguard.platform.Markers.marker;
import static java.nio.file.attribute.PosixFilePermissions.fromString;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.relaunchguard.core.Observation;
import io.relaunchguard.core.consent.ClosingNotice;
import io.relaunchguard.core.consent.ConsentMarker;
import io.relaunchguard.core.consent.ConsentStage;
import io.relaunchguard.core.consent.MarkerCodec;
import io.relaunchguard.core.consent.MarkerReading;
import io.relaunchguard.platform.StartedProcesses;
import io.relaunchguard.platform.posix.PosixFiles;
import io.relaunchguard.testing.Need;
import io.relaunchguard.testing.Needs;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FileMarkerStoreTest {

    private static final ConsentMarker OLDER = marker("older");
    private static final ConsentMarker NEWER = marker("newer");

    @RegisterExtension
    final StartedProcesses processes = new StartedProcesses();

    @TempDir
    Path profile;

    private Path file;
    private Path claimed;
    private FileMarkerStore store;

    @BeforeEach
    void open() throws IOException {
        int own = (Integer) Files.getAttribute(profile, "unix:uid");
        file = profile.resolve(FileMarkerStore.MARKER);
        claimed = profile.resolve(FileMarkerStore.CLAIM);
        store = new FileMarkerStore(profile, new PosixFiles(() -> Observation.seen(own)));
    }

    @Test
    void findsNoMarkerWhereThereIsNone() {
        assertAbsent(store.peek());
        assertAbsent(store.claim());
        assertAbsent(store.readClaim());
        assertAbsent(new FileMarkerStore(profile.resolve("missing"), new PosixFiles(() -> Observation.seen(0))).peek());
    }

    @Test
    @Tag("H35")
    void readsBackWhatAClosingProcessSaidLast() throws IOException {
        assertThat(store.closing()).isInstanceOf(Observation.Absent.class);

        store.writeClosing(new ClosingNotice(7, "1", "boot", Duration.ofSeconds(1)));
        store.writeClosing(new ClosingNotice(4711, "123", "boot", Duration.ofMillis(4200)));

        assertThat(store.closing().is(new ClosingNotice(4711, "123", "boot", Duration.ofMillis(4200))))
                .isTrue();
        Path notice = profile.resolve(FileMarkerStore.CLOSING);
        assertThat(notice).content().isEqualTo("""
                        format=1
                        pid=4711
                        start=123
                        boot=boot
                        until=4200
                        """);
        assertThat(Files.getPosixFilePermissions(notice)).isEqualTo(fromString("rw-------"));
    }

    @Test
    @Tag("H35")
    void aNoticeThatIsTornOrOpenToOthersIsUnknown() throws IOException {
        store.writeClosing(new ClosingNotice(4711, "123", "boot", Duration.ofSeconds(1)));
        Path notice = profile.resolve(FileMarkerStore.CLOSING);
        Files.setPosixFilePermissions(notice, fromString("rw-rw-rw-"));
        assertThat(store.closing()).isInstanceOf(Observation.Unknown.class);

        Files.setPosixFilePermissions(notice, fromString("rw-------"));
        Files.writeString(notice, "format=1\npid=4711\n");
        assertThat(store.closing()).isInstanceOf(Observation.Unknown.class);
    }

    @Test
    void readsBackWhatWasWritten() throws IOException {
        store.write(NEWER);

        assertThat(store.peek()).isEqualTo(new MarkerReading.Valid(NEWER));
        assertThat(names()).containsExactly(FileMarkerStore.MARKER);
        assertThat(Files.getPosixFilePermissions(file)).isEqualTo(fromString("rw-------"));
    }

    @Tag("H05")
    @Test
    void claimsAMarkerOnce() throws IOException {
        store.write(NEWER);

        assertThat(store.claim()).isEqualTo(new MarkerReading.Valid(NEWER));

        assertThat(names()).containsExactly(FileMarkerStore.CLAIM);
        assertThat(store.readClaim()).isEqualTo(new MarkerReading.Valid(NEWER));
        store.discardClaim();
        assertAbsent(store.claim());
        assertThat(profile).isEmptyDirectory();
    }

    @Tag("H45")
    @Test
    void writesAMarkerThoughALauncherTakesItsTemporaryFileForALeftover() throws Exception {
        AtomicBoolean writing = new AtomicBoolean();
        AtomicBoolean done = new AtomicBoolean();
        AtomicInteger cleared = new AtomicInteger();
        Thread launcher = new Thread(() -> {
            while (!done.get()) {
                // Once for each writing, as a launcher does at its end.
                String[] names = profile.toFile().list();
                if (writing.get() && Arrays.toString(names).contains(".tmp")) {
                    store.discardClaim();
                    writing.set(false);
                    cleared.incrementAndGet();
                }
            }
        });
        launcher.start();
        try {
            for (int i = 0; i < 200; i++) {
                writing.set(true);
                store.write(NEWER);
                assertThat(store.peek()).isEqualTo(new MarkerReading.Valid(NEWER));
            }
        } finally {
            done.set(true);
            launcher.join();
        }
        assertThat(cleared.get()).isGreaterThan(20);
        assertThat(names()).containsExactly(FileMarkerStore.MARKER);
    }

    @Tag("H28")
    @Test
    void adoptsAClaimThatALauncherLeftBehind() throws IOException {
        store.write(NEWER);
        store.claim();

        assertThat(store.peek()).isEqualTo(new MarkerReading.Valid(NEWER));
        assertThat(store.claim()).isEqualTo(new MarkerReading.Valid(NEWER));
    }

    @Tag("H28")
    @Test
    void prefersANewerMarkerToAClaimThatWasLeftBehind() throws IOException {
        store.write(OLDER);
        store.claim();
        store.write(NEWER);

        assertThat(store.peek()).isEqualTo(new MarkerReading.Valid(NEWER));
        assertThat(store.claim()).isEqualTo(new MarkerReading.Valid(NEWER));
        assertThat(store.readClaim()).isEqualTo(new MarkerReading.Valid(NEWER));
        assertThat(names()).containsExactly(FileMarkerStore.CLAIM);
    }

    @Tag("H05")
    @Test
    void leavesAnInvalidMarkerInPlaceAndFallsBackToNoOlderClaim() throws IOException {
        store.write(OLDER);
        store.claim();
        Files.writeString(file, "format=1\n");
        Files.setPosixFilePermissions(file, fromString("rw-------"));

        assertInvalid(store.claim(), "pid");
        assertInvalid(store.peek(), "pid");
        assertThat(names()).containsExactlyInAnyOrder(FileMarkerStore.MARKER, FileMarkerStore.CLAIM);
    }

    @Tag("H05")
    @Test
    void seesThatAClaimWasWithdrawn() throws IOException {
        store.write(NEWER);
        store.claim();
        Files.delete(claimed);

        assertAbsent(store.readClaim());
    }

    @Tag("H28")
    @Test
    void remembersInTheNameOfTheClaimThatTheProcessWasAsked() throws IOException {
        store.write(NEWER);
        store.claim();

        assertThat(store.noteRequest()).isEqualTo(new MarkerReading.Valid(NEWER, true));

        assertThat(names()).containsExactly(FileMarkerStore.ASKED);
        assertThat(store.readClaim()).isEqualTo(new MarkerReading.Valid(NEWER, true));
        assertThat(store.peek()).isEqualTo(new MarkerReading.Valid(NEWER, true));
        assertThat(store.claim()).isEqualTo(new MarkerReading.Valid(NEWER, true));
        store.discardClaim();
        assertThat(profile).isEmptyDirectory();
    }

    @Tag("H05")
    @Test
    void notesNothingOnceTheConsentIsWithdrawnAndDoesNotBringItBack() throws IOException {
        store.write(NEWER);
        store.claim();
        store.withdraw(NEWER.nonce());

        assertAbsent(store.noteRequest());

        assertThat(profile).isEmptyDirectory();
    }

    @Tag("H05")
    @Test
    void withdrawsAConsentWhoseProcessWasAsked() throws IOException {
        store.write(NEWER);
        store.claim();
        store.noteRequest();

        store.withdraw(OLDER.nonce());
        assertThat(store.readClaim()).isEqualTo(new MarkerReading.Valid(NEWER, true));
        store.withdraw(NEWER.nonce());

        assertAbsent(store.readClaim());
        assertThat(profile).isEmptyDirectory();
    }

    @Tag("H36")
    @Test
    void doesNotTakeAConsentThatItCannotReadForWithdrawn() throws IOException {
        store.write(NEWER);
        FileMarkerStore nobody = new FileMarkerStore(profile, new PosixFiles(() -> Observation.unknown("no /proc")));

        assertThatThrownBy(() -> nobody.withdraw(NEWER.nonce()))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("may still stand")
                .hasMessageContaining("no /proc");

        store.withdraw(NEWER.nonce());
        store.withdraw(NEWER.nonce());
        assertThat(profile).isEmptyDirectory();
    }

    @Tag("H36")
    @Test
    void doesNotTakeAConsentWhoseModeWasChangedForAnothers() throws IOException {
        store.write(NEWER);
        store.claim();
        Files.setPosixFilePermissions(claimed, fromString("rw-r--r--"));

        assertThatThrownBy(() -> store.withdraw(NEWER.nonce()))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("0600");
    }

    @Tag("H36")
    @Test
    void withdrawsTheConsentOfAProcessAtEveryStageUnlessAFileMayBeTheRestOfOne() throws IOException {
        store.write(OLDER);
        store.claim();
        store.noteRequest();
        store.write(NEWER);

        store.withdrawOf(NEWER.pid() + 1);
        assertThat(names()).hasSize(2);
        store.withdrawOf(NEWER.pid());
        assertThat(profile).isEmptyDirectory();

        place(claimed, "format=1\n".getBytes(StandardCharsets.UTF_8), "rw-------");
        assertThatThrownBy(() -> store.withdrawOf(NEWER.pid()))
                .isInstanceOf(IOException.class)
                .hasMessageContaining(claimed.toString());
    }

    @Tag("H36")
    @Test
    void namesTheFilesThatKeepAConsentFromBeingRead() throws IOException {
        assertThat(store.obstacles()).isEmpty();
        store.write(NEWER);
        store.claim();
        assertThat(store.obstacles()).isEmpty();

        Files.setPosixFilePermissions(claimed, fromString("rw-r--r--"));

        assertThat(store.obstacles()).containsExactly(claimed);
    }

    @Tag("H36")
    @Test
    void leavesWhatIsProvablyAnothers() throws IOException {
        store.write(OLDER);
        place(claimed, "format=1\n".getBytes(StandardCharsets.UTF_8), "rw-------");

        store.withdraw(NEWER.nonce());

        assertThat(names()).containsExactlyInAnyOrder(FileMarkerStore.MARKER, FileMarkerStore.CLAIM);
    }

    @Tag("H34")
    @Test
    void takesAConsentBackOnlyAsFarAsItIsTold() throws IOException {
        assertThat(store.stage(NEWER.nonce())).isEqualTo(ConsentStage.GONE);
        store.write(NEWER);
        assertThat(store.stage(OLDER.nonce())).isEqualTo(ConsentStage.GONE);
        assertThat(store.stage(NEWER.nonce())).isEqualTo(ConsentStage.WRITTEN);
        store.claim();
        assertThat(store.stage(NEWER.nonce())).isEqualTo(ConsentStage.CLAIMED);
        assertThat(store.withdrawUpTo(NEWER.nonce(), ConsentStage.WRITTEN)).isEqualTo(ConsentStage.CLAIMED);
        store.noteRequest();
        assertThat(store.stage(NEWER.nonce())).isEqualTo(ConsentStage.ASKED);
        assertThat(store.withdrawUpTo(NEWER.nonce(), ConsentStage.CLAIMED)).isEqualTo(ConsentStage.ASKED);
        assertThat(store.readClaim()).isEqualTo(new MarkerReading.Valid(NEWER, true));

        assertThat(store.withdrawUpTo(NEWER.nonce(), ConsentStage.ASKED)).isEqualTo(ConsentStage.GONE);
        assertThat(profile).isEmptyDirectory();
    }

    @Tag("H34")
    @Test
    @Timeout(60)
    void isEitherClaimedOrTakenBackNeverBoth() throws Exception {
        ExecutorService launcher = Executors.newSingleThreadExecutor();
        try {
            for (int round = 0; round < 300; round++) {
                store.write(NEWER);
                CyclicBarrier together = new CyclicBarrier(2);
                Future<MarkerReading> claim = launcher.submit(() -> {
                    together.await();
                    return store.claim();
                });
                together.await();
                ConsentStage left = store.withdrawUpTo(NEWER.nonce(), ConsentStage.WRITTEN);

                assertThat(claim.get() instanceof MarkerReading.Valid)
                        .as("round %d: %s, %s", round, left, claim.get())
                        .isEqualTo(left == ConsentStage.CLAIMED);
                store.discardClaim();
            }
        } finally {
            launcher.shutdownNow();
        }
    }

    @Tag("H28")
    @Test
    void aNewerConsentIsNotTakenForOneWhoseProcessWasAsked() throws IOException {
        store.write(OLDER);
        store.claim();
        store.noteRequest();
        store.write(NEWER);

        assertThat(store.claim()).isEqualTo(new MarkerReading.Valid(NEWER));
        assertThat(store.readClaim()).isEqualTo(new MarkerReading.Valid(NEWER));
        store.withdraw(NEWER.nonce());
        assertAbsent(store.readClaim());
        assertThat(profile).isEmptyDirectory();
    }

    @Tag("H28")
    @Test
    void throwsWhereItCannotBeNotedAndLeavesTheClaim() throws IOException {
        store.write(NEWER);
        store.claim();
        Path inTheWay = Files.createDirectory(profile.resolve(FileMarkerStore.ASKED));
        Files.createFile(inTheWay.resolve("file"));

        assertThatThrownBy(() -> store.noteRequest()).isInstanceOf(UncheckedIOException.class);

        assertThat(store.readClaim()).isEqualTo(new MarkerReading.Valid(NEWER));
    }

    @Test
    void discardsTheTemporaryFilesOfWritersThatDied() throws IOException {
        Files.createFile(profile.resolve(FileMarkerStore.MARKER + ".7b0d.tmp"));
        Path other = Files.createFile(profile.resolve("other.tmp"));

        store.discardClaim();

        assertThat(profile).isDirectoryContaining(other::equals);
        assertThat(names()).hasSize(1);
    }

    @Test
    void hasNothingToDiscardInAProfileThatIsNotThere() {
        new FileMarkerStore(profile.resolve("missing"), new PosixFiles(() -> Observation.seen(0))).discardClaim();

        assertThat(profile).isEmptyDirectory();
    }

    @Tag("H05")
    @Test
    void doesNotBelieveALink() throws IOException {
        Path elsewhere = place(profile.resolve("elsewhere"), MarkerCodec.encode(NEWER), "rw-------");
        Files.createSymbolicLink(file, elsewhere);

        assertInvalid(store.peek(), "not a regular file");
        assertInvalid(store.claim(), "not a regular file");
    }

    @Tag("H05")
    @Test
    @Timeout(value = 10, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void doesNotHangOnAPipe() {
        StartedProcesses.run("mkfifo", "-m", "600", file.toString());

        assertInvalid(store.claim(), "not a regular file");
    }

    @Tag("H05")
    @Test
    void doesNotBelieveADirectory() throws IOException {
        Files.createDirectory(file);

        assertInvalid(store.claim(), "not a regular file");
    }

    @Tag("H05")
    @ParameterizedTest
    @ValueSource(strings = {"rw-r--r--", "r--------", "rw--w----", "rwx------", "rw----r--", "---------"})
    void doesNotBelieveAMarkerThatIsOpenToOthersOrOfAnotherMode(String mode) throws IOException {
        place(file, MarkerCodec.encode(NEWER), mode);

        assertInvalid(store.claim(), "0600");
        assertThat(file).exists();
    }

    @Tag("H05")
    @Test
    @Needs(Need.ROOT)
    void doesNotBelieveAMarkerOfAnotherUser() throws IOException {
        store.write(NEWER);
        Files.setAttribute(file, "unix:uid", 65534);

        assertInvalid(store.claim(), "another user");
        assertThat(file).exists();
    }

    @Tag("H12")
    @Test
    void cannotReadAMarkerWithoutKnowingItsOwnUser() throws IOException {
        store.write(NEWER);
        FileMarkerStore nobody = new FileMarkerStore(profile, new PosixFiles(() -> Observation.unknown("no /proc")));

        assertThat(nobody.claim()).isInstanceOf(MarkerReading.Unreadable.class);
        assertThat(file).exists();
    }

    @Tag("H05")
    @Test
    void doesNotBelieveAMarkerWithASecondName() throws IOException {
        store.write(NEWER);
        Files.createLink(profile.resolve("second"), file);

        assertInvalid(store.claim(), "several links");
    }

    @Tag("H05")
    @Test
    void doesNotReadAMarkerThatIsTooLong() throws IOException {
        byte[] content = new byte[10_000_000];
        Arrays.fill(content, (byte) 'a');
        place(file, content, "rw-------");

        assertInvalid(store.claim(), "longer than 8192 bytes");
    }

    @Tag("H05")
    @Test
    void doesNotBelieveATornMarker() throws IOException {
        byte[] whole = MarkerCodec.encode(NEWER);
        for (int length = 0; length < whole.length; length += 7) {
            Files.deleteIfExists(file);
            place(file, Arrays.copyOf(whole, length), "rw-------");

            assertThat(store.claim()).as("%d bytes", length).isInstanceOf(MarkerReading.Invalid.class);
        }
    }

    @Tag("H12")
    @Test
    @Needs(Need.ROOT)
    void doesNotTakeAMarkerThatItMayNotReadForNone() throws IOException {
        store.write(NEWER);
        Files.setPosixFilePermissions(profile, fromString("rwx------"));

        assertThat(processes.jvm(65534, profile, "marker").hear()).startsWith("Unreadable[");
    }

    @Tag("H12")
    @Test
    void findsNoMarkerInAProfileThatIsAFile() throws IOException {
        FileMarkerStore odd = new FileMarkerStore(Files.createFile(file), new PosixFiles(() -> Observation.seen(0)));

        // There is provably none, but JDK 17 does not tell that from other errors.
        assertThat(odd.peek()).isNotInstanceOf(MarkerReading.Valid.class);
    }

    @Tag("H05")
    @Test
    void replacesALinkInsteadOfWritingThroughIt() throws IOException {
        Path precious = Files.writeString(profile.resolve("precious"), "precious");
        Files.createSymbolicLink(file, precious);

        store.write(NEWER);

        assertThat(precious).hasContent("precious");
        assertThat(Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)).isTrue();
        assertThat(store.peek()).isEqualTo(new MarkerReading.Valid(NEWER));
    }

    @Tag("H05")
    @Test
    void neverShowsATornMarkerWhileOneIsReplaced() throws Exception {
        store.write(OLDER);
        AtomicBoolean over = new AtomicBoolean();
        List<Exception> failures = new ArrayList<>();
        Thread writer = new Thread(() -> {
            try {
                while (!over.get()) {
                    store.write(NEWER);
                    store.write(OLDER);
                }
            } catch (IOException e) {
                failures.add(e);
            }
        });
        writer.start();
        try {
            for (int i = 0; i < 2000; i++) {
                assertThat(store.peek())
                        .satisfiesAnyOf(
                                reading -> assertThat(reading).isInstanceOf(MarkerReading.Valid.class),
                                // It was replaced between two looks; the next one is as good.
                                reading -> assertThat(reading).isInstanceOf(MarkerReading.Unreadable.class));
                assertThat(Files.readString(file)).endsWith("\n");
            }
        } finally {
            over.set(true);
            writer.join();
        }
        assertThat(failures).isEmpty();
    }

    @Test
    void leavesNothingBehindWhereItCannotWrite() throws IOException {
        Path missing = profile.resolve("missing");

        assertThatThrownBy(() -> new FileMarkerStore(missing, new PosixFiles(() -> Observation.seen(0))).write(NEWER))
                .isInstanceOf(IOException.class);
        assertThat(missing).doesNotExist();

        Files.createDirectory(file);
        Files.createFile(file.resolve("in the way"));
        assertThatThrownBy(() -> store.write(NEWER)).isInstanceOf(IOException.class);
        assertThat(names()).containsExactly(FileMarkerStore.MARKER);
    }

    @ParameterizedTest
    @ValueSource(strings = {"r-x------", "-wx------"})
    @Needs(Need.ROOT)
    void leavesNothingBehindInADirectoryThatIsNotWholeForItsOwner(String mode) throws IOException {
        Files.setAttribute(profile, "unix:uid", 65534);
        Files.setPosixFilePermissions(profile, PosixFilePermissions.fromString(mode));

        assertThat(processes.jvm(65534, profile, "write").hear()).isEqualTo("failed, false");
        assertThat(names()).isEmpty();
    }

    @Tag("H05")
    @Test
    void identifiesTheProfileAsTheKernelDoesAndACopyAsAnother() throws IOException {
        Process stat = processes.start("stat", "-c", "%d:%i", profile.toString());
        Path copy = Files.createDirectory(profile.resolve("copy"));
        Path link = Files.createSymbolicLink(profile.resolve("link"), profile);

        assertThat(store.profileIdentity())
                .isEqualTo(Observation.seen(
                        new String(stat.getInputStream().readAllBytes(), StandardCharsets.US_ASCII).trim()));
        assertThat(identity(copy)).isInstanceOf(Observation.Seen.class).isNotEqualTo(store.profileIdentity());
        assertThat(identity(link)).isEqualTo(store.profileIdentity());
        assertThat(identity(profile.resolve("missing"))).isInstanceOf(Observation.Unknown.class);
    }

    private static Observation<String> identity(Path directory) {
        return new FileMarkerStore(directory, new PosixFiles(() -> Observation.seen(0))).profileIdentity();
    }

    private List<String> names() throws IOException {
        try (Stream<Path> entries = Files.list(profile)) {
            return entries.map(entry -> entry.getFileName().toString()).toList();
        }
    }

    private static Path place(Path path, byte[] content, String mode) throws IOException {
        Files.write(path, content);
        return Files.setPosixFilePermissions(path, fromString(mode));
    }

    private static void assertAbsent(MarkerReading reading) {
        assertThat(reading).isEqualTo(new MarkerReading.Absent());
    }

    private static void assertInvalid(MarkerReading reading, String reason) {
        assertThat(reading)
                .isInstanceOfSatisfying(
                        MarkerReading.Invalid.class,
                        invalid -> assertThat(invalid.reason()).contains(reason));
    }
}
