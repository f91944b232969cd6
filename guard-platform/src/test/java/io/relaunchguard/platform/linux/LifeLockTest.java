package io.relaunchguard.platform.linux;

import static org.assertj.core.api.Assertions.assertThat;

import io.relaunchguard.core.Observation;
import io.relaunchguard.core.lock.InstanceRecordStore;
import io.relaunchguard.platform.ChildJvm;
import io.relaunchguard.platform.StartedProcesses;
import io.relaunchguard.platform.StartedProcesses.Conversation;
import io.relaunchguard.testing.Need;
import io.relaunchguard.testing.Needs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The life lock, by real processes on real file systems; the keeper is {@link ChildJvm}. */
@Tag("H11")
@Tag("H32")
@Timeout(120)
class LifeLockTest {

    /** Mounts a file system of this kind, makes a profile on it and runs the rest there. The mount goes with its namespace. */
    private static final Map<String, String> MOUNTS = Map.of(
            "tmpfs", "mount -t tmpfs none $0/mount && mkdir $0/mount/profile",
            "overlay",
                    "mkdir -p $0/lower/profile $0/upper $0/work && echo lower > $0/lower/profile/Cookies"
                            + " && mount -t overlay none -o lowerdir=$0/lower,upperdir=$0/upper,workdir=$0/work $0/mount",
            "overlay of tmpfs",
                    "mount -t tmpfs none $0 && mkdir -p $0/mount $0/lower/profile $0/upper $0/work"
                            + " && echo lower > $0/lower/profile/Cookies"
                            + " && mount -t overlay none -o lowerdir=$0/lower,upperdir=$0/upper,workdir=$0/work $0/mount",
            "ext4",
                    "truncate -s 8M $0/image && mkfs.ext4 -q $0/image && mount -o loop $0/image $0/mount"
                            + " && mkdir $0/mount/profile");

    @RegisterExtension
    final StartedProcesses processes = new StartedProcesses();

    @TempDir
    Path folder;

    private Path profile;

    @BeforeEach
    void makeProfile() throws IOException {
        profile = Files.createDirectory(folder.resolve("profile"));
    }

    @Test
    void isKeptUntilItsProcessEnds() throws Exception {
        Conversation keeper = processes.jvm("-", profile, "life");
        String name = nameIn(keeper.hear());
        assertThat(store().isFree(name)).isEqualTo(Observation.seen(false));
        assertThat(store().keepLifeLock()).isEqualTo(Observation.absent("another process keeps the life lock"));

        keeper.process().destroyForcibly().waitFor();

        assertThat(store().isFree(name)).isEqualTo(Observation.seen(true));
    }

    @Test
    void isKeptWhateverItsOwnerDoesWithTheFilesOfItsProfile() throws Exception {
        for (String file : List.of("RelaunchGuard.instance", "RelaunchGuard.instance.lock", "RelaunchGuard.lock")) {
            Files.createFile(profile.resolve(file));
        }
        Conversation keeper = processes.jvm("-", profile, "life-of-a-user");
        String name = nameIn(keeper.hear());

        keeper.say("touch");

        assertThat(keeper.hear()).isEqualTo("done");
        assertThat(profile).isEmptyDirectory();
        assertThat(store().isFree(name)).isEqualTo(Observation.seen(false));
    }

    @Test
    void isNotInheritedByAProgramThatItsOwnerStarts() throws Exception {
        Conversation keeper = processes.jvm("-", profile, "life-of-a-user");
        String name = nameIn(keeper.hear());
        keeper.say("start");
        long child = Long.parseLong(keeper.hear());
        processes.know(child);

        keeper.process().destroyForcibly().waitFor();

        assertThat(ProcessHandle.of(child).map(ProcessHandle::isAlive)).hasValue(true);
        assertThat(store().isFree(name)).isEqualTo(Observation.seen(true));
    }

    @Test
    void ofThisProcessIsNeverFreeAndLooksDoNotDropIt() {
        String name = store().keepLifeLock().toOptional().orElseThrow();
        assertThat(store().keepLifeLock()).isEqualTo(Observation.seen(name));

        assertThat(store().isFree(name)).isEqualTo(Observation.seen(false));

        assertThat(processes.jvm("-", profile, "life").hear()).startsWith("Absent[");
        assertThat(processes.jvm("-", profile, "is-free", name).hear()).isEqualTo("Seen[value=false]");
    }

    @Test
    void isTakenAlthoughOthersLookAtTheSameTime() {
        String name = "flock:1:2";
        List<Conversation> lookers = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            Conversation looker = processes.jvm("-", profile, "are-free", name);
            assertThat(looker.hear()).startsWith("Unknown[");
            lookers.add(looker);
        }

        Observation<String> kept = store().keepLifeLock();

        assertThat(kept).isInstanceOf(Observation.Seen.class);
        lookers.forEach(looker -> looker.say(""));
        lookers.forEach(looker -> assertThat(looker.hear()).isEqualTo("done"));
    }

    @Test
    void isNotToldWhileSomebodyElseHasASharedLock() throws Exception {
        Process other = processes.start("flock", "-s", profile.toString(), "sh", "-c", "echo locked; exec sleep 600");
        assertThat(other.inputReader().readLine()).isEqualTo("locked");

        assertThat(store().keepLifeLock().shortfall()).contains("another process has a shared lock");

        other.destroyForcibly().waitFor();
    }

    @Test
    void cannotBeToldWhereTheDirectoryWasReplacedOrIsGone() throws IOException {
        String name = nameIn(processes.jvm("-", profile, "life").hear());
        Files.move(profile, folder.resolve("moved"));
        assertThat(store().isFree(name)).isInstanceOf(Observation.Unknown.class);

        Files.createDirectory(profile);
        assertThat(store().isFree(name).shortfall()).contains("another directory");
        assertThat(on(folder.resolve("moved")).isFree(name)).isEqualTo(Observation.seen(false));

        Files.delete(profile);
        Files.createFile(profile);
        assertThat(store().isFree(name)).isInstanceOf(Observation.Unknown.class);
        assertThat(store().keepLifeLock()).isInstanceOf(Observation.Unknown.class);
    }

    /** Such a lock goes when its owner closes any descriptor of the file. */
    @Test
    void ofAnOlderVersionShowsNothing() throws IOException {
        Path file = Files.createFile(profile.resolve("RelaunchGuard.instance.lock"));

        assertThat(store().isFree(Files.getAttribute(file, "unix:dev") + ":" + Files.getAttribute(file, "unix:ino"))
                        .shortfall())
                .contains("older version");
    }

    @Test
    void isOfThatDirectoryHoweverItIsNamed() throws Exception {
        Path odd = Files.createDirectory(folder.resolve("profile 100%20 #?"));
        Path link = Files.createSymbolicLink(folder.resolve("link"), odd);

        String name = nameIn(processes.jvm("-", odd.resolve("."), "life").hear());

        assertThat(on(odd).isFree(name)).isEqualTo(Observation.seen(false));
        assertThat(on(link).isFree(name)).isEqualTo(Observation.seen(false));
    }

    @ParameterizedTest
    @Needs(Need.NAMESPACES)
    @ValueSource(strings = {"tmpfs", "overlay", "overlay of tmpfs", "ext4"})
    void isKeptOnFileSystem(String kind) throws Exception {
        Path mount = Files.createDirectory(folder.resolve("mount"));
        List<String> mounted =
                List.of("unshare", "-m", "sh", "-c", MOUNTS.get(kind) + " && exec \"$@\"", folder.toString());
        Path there = mount.resolve("profile");

        Conversation keeper = processes.jvm(mounted, Map.of(), "-", there, "life-of-a-user");
        String name = nameIn(keeper.hear());
        List<String> inside =
                List.of("nsenter", "-m", "-t", Long.toString(keeper.process().pid()));

        assertThat(processes.jvm(inside, Map.of(), "-", there, "is-free", name).hear())
                .isEqualTo("Seen[value=false]");
        // On an overlay this copies the directory up.
        keeper.say("touch");
        assertThat(keeper.hear()).isEqualTo("done");
        assertThat(processes.jvm(inside, Map.of(), "-", there, "is-free", name).hear())
                .isEqualTo("Seen[value=false]");

        Process namespace = processes.start(
                "nsenter", "-m", "-t", Long.toString(keeper.process().pid()), "sh", "-c", "echo in; exec sleep 600");
        assertThat(namespace.inputReader().readLine()).isEqualTo("in");
        keeper.process().destroyForcibly();
        assertThat(keeper.process().waitFor(20, TimeUnit.SECONDS)).isTrue();

        List<String> still = List.of("nsenter", "-m", "-t", Long.toString(namespace.pid()));
        assertThat(processes.jvm(still, Map.of(), "-", there, "is-free", name).hear())
                .isEqualTo("Seen[value=true]");
    }

    private InstanceRecordStore store() {
        return on(profile);
    }

    private static InstanceRecordStore on(Path profile) {
        return new LinuxPlatform().open(profile).instances();
    }

    private static String nameIn(String answer) {
        assertThat(answer).startsWith("Seen[value=flock:").endsWith("]");
        return answer.substring("Seen[value=".length(), answer.length() - 1);
    }
}
