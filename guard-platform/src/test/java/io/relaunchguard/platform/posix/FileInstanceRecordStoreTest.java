package io.relaunchguard.platform.posix;

import static org.assertj.core.api.Assertions.assertThat;

import io.relaunchguard.core.Observation;
import io.relaunchguard.core.lock.InstanceRecord;
import io.relaunchguard.core.lock.SingletonLock;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(120)
class FileInstanceRecordStoreTest {

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
            "",
            false,
            false,
            List.of());

    /** The directories that are locked for ever: as long as one is open, no other has its inode. */
    private static final List<DirectoryStream<Path>> LOCKED = new ArrayList<>();

    private static final DirectoryLocks NO_LOCKS = (directory, kind) -> Optional.empty();

    @TempDir
    Path profile;

    private Path file;
    private int own;
    private FileInstanceRecordStore store;

    @BeforeEach
    void open() throws IOException {
        own = (Integer) Files.getAttribute(profile, "unix:uid");
        file = profile.resolve(FileInstanceRecordStore.RECORD);
        store = on("ext4");
    }

    @Test
    void findsNoRecordWhereThereIsNone() {
        assertThat(store.read()).isInstanceOf(Observation.Absent.class);
    }

    @Test
    void readsBackWhatWasWrittenAndLeavesNothingElse() throws IOException {
        Files.createFile(profile.resolve("RelaunchGuard.instance.left-by-the-dead.tmp"));
        store.write(RECORD);

        assertThat(store.read()).isEqualTo(Observation.seen(RECORD));
        assertThat(Files.getPosixFilePermissions(file)).isEqualTo(PosixFilePermissions.fromString("rw-------"));
        try (Stream<Path> files = Files.list(profile)) {
            assertThat(files).containsExactly(file);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"ext4", "xfs", "btrfs", "f2fs", "zfs", "tmpfs", "overlay"})
    void believesARecordOnAFileSystemThatOneKernelHas(String type) throws IOException {
        store.write(RECORD);
        assertThat(on(type).read()).isEqualTo(Observation.seen(RECORD));
    }

    /** On SMB a lock of the directory would keep others from it. */
    @ParameterizedTest
    @ValueSource(strings = {"nfs", "nfs4", "cifs", "9p", "virtiofs", ""})
    void locksNothingOnAFileSystemThatOtherMachinesMayUse(String type) {
        FileInstanceRecordStore shared = new FileInstanceRecordStore(
                profile,
                new PosixFiles(() -> Observation.seen(own)),
                (directory, kind) -> {
                    throw new AssertionError("locked");
                },
                directory -> type,
                directory -> true,
                changed -> false);

        assertThat(shared.keepLifeLock()).isInstanceOf(Observation.Absent.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"nfs", "nfs4", "cifs", "9p", "virtiofs", "fuse.sshfs", "ceph", "gfs2", ""})
    @Tag("H10")
    void believesNoRecordWhereAnotherMachineMayUseTheProfileToo(String type) throws IOException {
        store.write(RECORD);
        assertThat(on(type).read()).isInstanceOf(Observation.Absent.class);
    }

    @Test
    @Tag("H12")
    @Tag("H49")
    void cannotTellWhomARecordNamesWhereTheFileSystemIsNotKnown() throws IOException {
        store.write(RECORD);
        FileInstanceRecordStore untold = new FileInstanceRecordStore(
                profile,
                new PosixFiles(() -> Observation.seen(own)),
                NO_LOCKS,
                directory -> {
                    throw new IOException("no mount table");
                },
                directory -> true,
                changed -> false);
        assertCannotBeRead(untold, "the profile's file system is not known: no mount table");
    }

    /** An application that clears its profile deletes the record, too. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    @Tag("H32")
    void takesALifeLockThatIsKeptForAnInstanceWhoseRecordIsGoneOrTorn(boolean mayBeLocked) throws IOException {
        FileInstanceRecordStore kept = new FileInstanceRecordStore(
                profile,
                new PosixFiles(() -> Observation.seen(own)),
                (directory, kind) -> Optional.empty(),
                directory -> "ext4",
                directory -> mayBeLocked,
                changed -> false);

        assertThat(kept.read() instanceof Observation.Unknown).isEqualTo(mayBeLocked);
        Files.createFile(file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        assertThat(kept.read() instanceof Observation.Unknown).isEqualTo(mayBeLocked);

        FileInstanceRecordStore free = new FileInstanceRecordStore(
                profile,
                new PosixFiles(() -> Observation.seen(own)),
                (directory, kind) -> Optional.of(() -> {}),
                directory -> "ext4",
                directory -> true,
                changed -> false);
        assertThat(free.read()).isInstanceOf(Observation.Absent.class);
        assertThat(on("nfs").read()).isInstanceOf(Observation.Absent.class);
    }

    /** Whoever could not be written down is shown by the life lock; an older record would name somebody else. */
    @Test
    @Tag("H39")
    void takesAnOlderRecordAwayOnlyWhereTheLifeLockIsKeptInstead() throws IOException {
        store.write(RECORD);
        store.letThroughUnrecorded();
        assertThat(file).exists();

        new FileInstanceRecordStore(
                        profile,
                        new PosixFiles(() -> Observation.seen(own)),
                        FileInstanceRecordStoreTest::locked,
                        directory -> "ext4",
                        directory -> true,
                        changed -> false)
                .letThroughUnrecorded();
        assertThat(file).doesNotExist();
    }

    @Test
    void believesNoTornRecord() throws IOException {
        store.write(RECORD);
        byte[] whole = Files.readAllBytes(file);
        Files.write(file, Arrays.copyOf(whole, whole.length - 1));
        assertThat(store.read().shortfall()).contains("torn");
    }

    /** It may be of a newer version, whose instance lives. */
    @Test
    @Tag("H41")
    void cannotTellWhomAFileNamedThatWasChangedSinceTheBootAndSaysNothing() throws IOException {
        FileInstanceRecordStore ofThisBoot = new FileInstanceRecordStore(
                profile,
                new PosixFiles(() -> Observation.seen(own)),
                NO_LOCKS,
                directory -> "ext4",
                directory -> false,
                changed -> true);
        ofThisBoot.write(RECORD);
        assertThat(ofThisBoot.read()).isEqualTo(Observation.seen(RECORD));
        byte[] whole = Files.readAllBytes(file);
        Files.write(file, Arrays.copyOf(whole, whole.length - 1));
        assertCannotBeRead(ofThisBoot, "the instance record is torn: its last line has no end");
    }

    @Test
    void believesNoLink() throws IOException {
        store.write(RECORD);
        Files.move(file, profile.resolve("elsewhere"));
        Files.createSymbolicLink(file, Path.of("elsewhere"));
        assertCannotBeRead(store, "the instance record is not a regular file");
    }

    @Test
    void believesNoRecordThatOthersMayWrite() throws IOException {
        store.write(RECORD);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-rw-rw-"));
        assertCannotBeRead(store, "the instance record's permissions are not 0600");
    }

    @Test
    @Tag("H20")
    void believesNoRecordOfAnotherUser() throws IOException {
        store.write(RECORD);
        FileInstanceRecordStore other = new FileInstanceRecordStore(
                profile,
                new PosixFiles(() -> Observation.seen(own + 1)),
                NO_LOCKS,
                directory -> "ext4",
                directory -> true,
                changed -> false);
        assertCannotBeRead(other, "the instance record belongs to another user");
    }

    /** Whom it names cannot be told, and a person is told what to do. */
    private void assertCannotBeRead(FileInstanceRecordStore refused, String why) {
        assertThat(refused.read())
                .isEqualTo(Observation.unknown(
                        "the instance record cannot be read: %s. If the application does not run, remove it: rm -- '%s'"
                                .formatted(why, file)));
    }

    private FileInstanceRecordStore on(String type) {
        return new FileInstanceRecordStore(
                profile,
                new PosixFiles(() -> Observation.seen(own)),
                NO_LOCKS,
                directory -> type,
                directory -> false,
                changed -> false);
    }

    @SuppressWarnings("StreamResourceLeak") // on purpose
    private static Optional<DirectoryLocks.Lock> locked(Path directory, DirectoryLocks.Kind kind) throws IOException {
        LOCKED.add(Files.newDirectoryStream(directory));
        return Optional.of(() -> {});
    }
}
