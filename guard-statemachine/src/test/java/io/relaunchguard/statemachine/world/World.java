package io.relaunchguard.statemachine.world;

import io.relaunchguard.core.Observation;
import io.relaunchguard.core.consent.ClosingNotice;
import io.relaunchguard.core.consent.ConsentMarker;
import io.relaunchguard.core.consent.MarkerReading;
import io.relaunchguard.core.launch.LaunchLock;
import io.relaunchguard.core.launch.LaunchPolicy;
import io.relaunchguard.core.launch.ProfilePorts;
import io.relaunchguard.core.lock.InstanceRecord;
import io.relaunchguard.core.lock.SingletonLock;
import io.relaunchguard.core.process.ExecutionState;
import io.relaunchguard.core.process.ProcessIdentity;
import io.relaunchguard.core.process.Signal;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;

/**
 * Everything outside the program, in memory: processes, the lock, the marker, clocks, the launch lock. It stands still
 * except while a launch waits ({@link #ports}' clock then runs on to the next scheduled event or the deadline) and where a
 * {@link CallHook} moves it; so one test thread sees the same run every time. Not thread-safe.
 */
public final class World {

    public static final String HOST = "desk";
    public static final String BOOT = "boot-1";
    public static final String MACHINE = "machine-1";
    public static final String ANOTHER_MACHINE = "machine-2";
    public static final String NAMESPACE = "pid:[4026531836]";
    public static final String TIME_NAMESPACE = "time:[4026531834]";
    public static final String USER = "1000";
    public static final String PROFILE = "dev 1 inode 2";

    /**
     * What the ports cannot tell apart: between the look that proves a lock stale and its removal, the dead holder's pid is
     * taken by a new instance, which writes the very same lock. Pids wrap around before that can happen.
     */
    public static final String SAME_LOCK_AGAIN = "the lock of a live process with a pid that was another's was removed";

    /** No launch calls ports more often than this; more means that it turns in circles. */
    private static final int MOST_CALLS = 20_000;

    private static final Duration UPTIME = Duration.ofHours(1);
    private static final Instant EPOCH = Instant.parse("2026-01-01T00:00:00Z");

    // The host.
    public Observation<String> host = Observation.seen(HOST);
    public Observation<String> bootId = Observation.seen(BOOT);
    public Observation<String> machineId = Observation.seen(MACHINE);
    public Observation<String> namespace = Observation.seen(NAMESPACE);
    public Observation<String> timeNamespace = Observation.seen(TIME_NAMESPACE);
    public Observation<String> user = Observation.seen(USER);
    public Observation<String> profile = Observation.seen(PROFILE);
    public boolean uptimeKnown = true;

    // The files.
    public Observation<SingletonLock> lock = Observation.absent("there is no lock");
    public boolean lockCanBeRemoved = true;
    public MarkerReading marker = new MarkerReading.Absent();
    public MarkerReading claim = new MarkerReading.Absent();
    public Observation<ClosingNotice> closing = Observation.absent("nobody is closing");
    public boolean recordIsNeeded = true;
    public Observation<InstanceRecord> record = Observation.absent("there is no instance record");
    public Observation<Boolean> lifeLockIsFree = Observation.unknown("nobody ever kept it");
    private long locksMade;
    /** Whether the one in the container made a lock that said what the one before had said. */
    boolean sameLockAgain;

    // The processes.
    public final WorldProcess launcher;
    public Observation<ProcessIdentity> namesake = Observation.absent("no other namespace");
    public Observation<String> everybody = Observation.seen("the initial pid namespace");

    /** Who has the launch lock. */
    public LaunchLockOwner launchLock = LaunchLockOwner.NOBODY;

    /** The other launcher that has it, by the name that it left. */
    public Observation<Long> launchLockOwner = Observation.unknown("it left no name");

    /** Whether a process below that launcher has the inner lock, and which. */
    public LaunchLockOwner innerLock = LaunchLockOwner.NOBODY;

    public CallHook hook = new CallHook() {};

    /** Every port that was called, in order; the index of a call is its place here. */
    public final List<Port> calls = new ArrayList<>();

    public final List<ReceivedSignal> signals = new ArrayList<>();

    /** The lines of the history. */
    public final List<String> historyLines = new CopyOnWriteArrayList<>();

    /** By the nonce of the consent. */
    public final Map<String, String> threadDumps = new LinkedHashMap<>();

    /** Breaches of the ports' contracts, and what no launch may ever do. */
    public final List<String> violations = new ArrayList<>();

    /** Pins, watches and holds that are open now. */
    public final Set<Object> open = new LinkedHashSet<>();

    /** The lock's live holder when the launch last read the lock, and what it was told then. */
    public Optional<WorldProcess> holderWhenLastRead = Optional.empty();

    public Observation<SingletonLock> lockWhenLastRead = Observation.unknown("the lock was never read");

    public Observation<InstanceRecord> recordWhenLastRead = Observation.unknown("the record was never read");

    /** Added to each start token that is read here: another time namespace shifts them. */
    public String startShift = "";

    /** The process whose consent stood when the launch last read the marker. */
    public Optional<WorldProcess> consentWhenLastRead = Optional.empty();

    /** How things stood when time last passed, whether or not the launch looked. */
    public Standing standing = new Standing(Optional.empty(), Optional.empty(), false);

    /** Who had the launch lock when the launch last asked and was told; broken if it never was. */
    public LaunchLockOwner launchLockWhenLastAsked = LaunchLockOwner.BROKEN;

    /** How often the launch has read the lock since time last passed. */
    public int lockReadsSinceTimePassed;

    final List<WorldProcess> processes = new ArrayList<>();
    private final Map<ConsentMarker, WorldProcess> writers = new HashMap<>();
    private final Map<InstanceRecord, WorldProcess> recorded = new HashMap<>();
    private Optional<WorldProcess> lockMaker = Optional.empty();
    final List<Runnable> lockWatchers = new ArrayList<>();
    Optional<Consumer<Observation<LaunchLock.Hold>>> launchLockRequest = Optional.empty();

    private final PriorityQueue<Scheduled> schedule =
            new PriorityQueue<>(Comparator.comparingLong(Scheduled::at).thenComparingLong(Scheduled::order));
    private final WorldPorts ports = new WorldPorts(this);
    private final long bootNanos;
    private Duration suspended = Duration.ZERO;
    private Duration wallStep = Duration.ZERO;
    private long elapsed;
    private long scheduled;
    private long history;

    /** Whether {@link #stateHash} will be asked for; it costs to keep. */
    public boolean namesStates;

    private int births;

    /** Who has the launch lock. */
    public enum LaunchLockOwner {
        NOBODY,
        THIS_LAUNCHER,
        ANOTHER,
        /** There can be no lock here. */
        BROKEN
    }

    /**
     * Who held the cache at some moment, and who had consented.
     *
     * @param holder the live process that the lock named by this host's name
     * @param consenting the live process that had written the marker or claim that was there, for this host and profile and
     *     not too long ago
     * @param locked whether there was a lock at all, or what was in its place
     */
    public record Standing(Optional<WorldProcess> holder, Optional<WorldProcess> consenting, boolean locked) {}

    private record Scheduled(long at, long order, Runnable event) {}

    /** A world in which the launcher is the only process. */
    public World() {
        this(1_000_000_000L);
    }

    /** The same, with a monotonic clock that starts here. */
    public World(long bootNanos) {
        this.bootNanos = bootNanos;
        launcher = process(100);
    }

    public ProfilePorts ports() {
        return ports(Path.of("world"));
    }

    /** Its ports, as those of this profile. */
    public ProfilePorts ports(Path profile) {
        return new ProfilePorts(
                profile,
                ports,
                ports,
                ports.lockStore,
                ports.recordStore,
                ports.markerStore,
                ports.launchLock,
                ports.historyStore,
                ports.threadDumpStore,
                ports.clock);
    }

    // Setting the scene, and moves.

    /** A new process; its pid must be free. */
    public WorldProcess process(long pid) {
        if (at(pid).isPresent()) {
            throw new IllegalStateException("pid %d is taken".formatted(pid));
        }
        WorldProcess born = new WorldProcess(pid, "start-" + ++births);
        processes.add(born);
        return born;
    }

    public WorldProcess child(WorldProcess parent, long pid) {
        WorldProcess born = process(pid);
        born.parent = parent;
        return born;
    }

    /** The process that has this pid now, dead or alive, as long as it is not reaped. */
    public Optional<WorldProcess> at(long pid) {
        return processes.stream()
                .filter(process -> process.pid == pid && !process.reaped)
                .findFirst();
    }

    public void lockNames(WorldProcess holder) {
        holder.innocent = false;
        lockIs(Observation.seen(new SingletonLock(HOST, holder.pid)));
        lockMaker = Optional.of(holder);
    }

    public void lockIs(Observation<SingletonLock> now) {
        lock = now;
        lockMaker = Optional.empty();
        locksMade++;
        profileChanged();
    }

    public void removeLock() {
        lockIs(Observation.absent("there is no lock"));
    }

    /** Something in the lock's directory changed. */
    public void profileChanged() {
        told(Port.LOCK_WATCH, "called back " + lockWatchers.size());
        List.copyOf(lockWatchers).forEach(Runnable::run);
    }

    /** When the lock was made: each has a time of its own. */
    public Instant lockedSince() {
        return EPOCH.plusMillis(locksMade);
    }

    /** A launcher let this process through, and it holds the lock. */
    public void instance(WorldProcess process) {
        lockNames(process);
        recordIs(process, recordOf(process));
    }

    /** A launcher let this process through, and it has made no lock. */
    public void letThrough(WorldProcess process) {
        process.innocent = false;
        recordIs(process, recordOf(process, Optional.empty(), NAMESPACE, ""));
    }

    /** A process of a sandbox beside this one was let through there, and has the lock. */
    public void instanceInASiblingSandbox(WorldProcess process) {
        seesOnlySome();
        process.hidden = true;
        lockNames(process);
        recordIs(process, recordOf(process, Optional.of(lockedSince()), "pid:[4026532222]", "life"));
        lifeLockIsFree = Observation.seen(false);
    }

    /** What is not seen from here may exist. */
    public void seesOnlySome() {
        everybody = Observation.unknown("not everybody can be seen from here");
    }

    /** The record that tells of this process, truly. */
    void recordIs(WorldProcess process, InstanceRecord of) {
        record = Observation.seen(of);
        recorded.put(of, process);
    }

    /** The record of this process as the maker of the lock that is there. */
    public InstanceRecord recordOf(WorldProcess process) {
        return recordOf(process, Optional.of(lockedSince()), NAMESPACE, "");
    }

    private InstanceRecord recordOf(
            WorldProcess process, Optional<Instant> since, String pidNamespace, String lifeLock) {
        return new InstanceRecord(
                new SingletonLock(HOST, process.pid),
                since,
                process.start,
                // Of the boot it runs in.
                bootId.toOptional().orElse(BOOT),
                MACHINE,
                pidNamespace,
                TIME_NAMESPACE,
                USER,
                PROFILE,
                lifeLock,
                false,
                false,
                List.of());
    }

    /** All processes but the launcher's end, and another boot begins. */
    public void reboot() {
        List.copyOf(processes).stream().filter(process -> process != launcher).forEach(process -> {
            exit(process);
            reap(process);
        });
        bootId = Observation.seen("boot-2");
    }

    /** The marker that this process would write now. */
    public ConsentMarker markerOf(WorldProcess process) {
        return new ConsentMarker(
                process.pid,
                process.start,
                BOOT,
                HOST,
                MACHINE,
                NAMESPACE,
                USER,
                PROFILE,
                "/opt/app/app",
                "1.4",
                "1.5",
                "nonce-" + process.start,
                sinceBoot(),
                wall(),
                sinceBoot().plusSeconds(10));
    }

    public void consent(WorldProcess process) {
        consent(process, Duration.ZERO);
    }

    /** The process consented some time ago. */
    public void consent(WorldProcess process, Duration ago) {
        process.consented = true;
        ConsentMarker now = markerOf(process);
        ConsentMarker written = new ConsentMarker(
                now.pid(),
                now.start(),
                now.bootId(),
                now.host(),
                now.machineId(),
                now.pidNamespace(),
                now.user(),
                now.profile(),
                now.executable(),
                now.fromVersion(),
                now.toVersion(),
                now.nonce(),
                now.written().minus(ago),
                now.writtenAt().minus(ago),
                now.deadline().minus(ago));
        writers.put(written, process);
        marker = new MarkerReading.Valid(written);
    }

    /** The process says that it is closing, and takes so long at most. */
    public void closes(WorldProcess process, Duration atMost) {
        closing = Observation.seen(
                new ClosingNotice(process.pid, process.start, BOOT, sinceBoot().plus(atMost)));
    }

    public void withdrawConsent() {
        marker = new MarkerReading.Absent();
        claim = new MarkerReading.Absent();
    }

    public void exit(WorldProcess process) {
        if (!process.isAlive()) {
            return;
        }
        process.state = ExecutionState.EXITED;
        process.reaped = !process.staysZombie;
        processes.stream().filter(other -> other.parent == process).forEach(orphan -> orphan.parent = process.parent);
        List.copyOf(process.pins).forEach(WorldPin::exited);
    }

    public void reap(WorldProcess zombie) {
        zombie.reaped = !zombie.isAlive();
    }

    /** The process is gone, and another has its pid: an innocent, unless it makes a lock. */
    public WorldProcess recycle(WorldProcess gone) {
        exit(gone);
        reap(gone);
        WorldProcess next = process(gone.pid);
        next.innocent = true;
        return next;
    }

    /** The launcher is killed: what it had open is closed by the kernel, and it is told of nothing more. */
    public void launcherIsKilled() {
        processes.forEach(process -> process.pins.clear());
        lockWatchers.clear();
        launchLockRequest = Optional.empty();
        open.clear();
        if (launchLock == LaunchLockOwner.THIS_LAUNCHER) {
            launchLock = LaunchLockOwner.NOBODY;
        }
    }

    /** A process of a container on this kernel, which cannot be seen from here, was let through and has the lock. */
    public void instanceInAContainer() {
        SingletonLock made = new SingletonLock("container", 7);
        sameLockAgain = lock.is(made);
        lockIs(Observation.seen(made));
        record = Observation.seen(new InstanceRecord(
                made,
                Optional.of(lockedSince()),
                "start-7",
                bootId.toOptional().orElse(BOOT),
                MACHINE,
                "pid:[4026532000]",
                TIME_NAMESPACE,
                USER,
                PROFILE,
                "life",
                false,
                false,
                List.of()));
        lifeLockIsFree = Observation.seen(false);
    }

    /** The other launcher lets go of the launch lock. */
    public void anotherLauncherEnds() {
        if (launchLock == LaunchLockOwner.ANOTHER) {
            launchLock = LaunchLockOwner.NOBODY;
            ports.launchLock.grant();
        }
    }

    public void suspend(Duration duration) {
        suspended = suspended.plus(duration);
    }

    public void stepWallClock(Duration step) {
        wallStep = wallStep.plus(step);
    }

    /** Runs the event when that much time has passed for the launch. */
    public void after(long millis, Runnable event) {
        schedule.add(new Scheduled(elapsed + Duration.ofMillis(millis).toNanos(), scheduled++, event));
    }

    // Looking on.

    public long elapsedMillis() {
        return Duration.ofNanos(elapsed).toMillis();
    }

    /** The live process of this host that the lock names, if any. */
    public Optional<WorldProcess> liveHolder() {
        return lock.toOptional()
                .filter(named -> named.host().equals(HOST))
                .flatMap(named -> at(named.pid()))
                .filter(WorldProcess::isAlive)
                .filter(process -> !process.innocent);
    }

    /** The live process that made the lock that is there, seen or not. */
    Optional<WorldProcess> liveMaker() {
        return lockMaker.filter(WorldProcess::isAlive);
    }

    /** The process that may be seen to have this pid. */
    Optional<WorldProcess> visible(long pid) {
        return at(pid).filter(process -> !process.hidden);
    }

    /**
     * Live processes that use the profile, seen or not, of which the launch could know: by the record that it was last given, as
     * the instance or as one that outlived it, or because they had consented and did not let go of their files.
     */
    public List<WorldProcess> usersThatWereTold() {
        Optional<InstanceRecord> told = recordWhenLastRead.toOptional();
        List<Long> survivors = told.stream()
                .flatMap(of -> of.survivors().stream())
                .map(InstanceRecord.Survivor::pid)
                .toList();
        return processes.stream()
                .filter(process -> process.isAlive() && process != launcher && !process.descendsFrom(launcher))
                .filter(process ->
                        recorded(recordWhenLastRead).filter(process::equals).isPresent()
                                || (process.hasFilesOpen
                                        && (survivors.contains(process.pid)
                                                || consentWhenLastRead
                                                        .filter(process::equals)
                                                        .isPresent())))
                .toList();
    }

    /** The live process that this record of this profile tells of. */
    private Optional<WorldProcess> recorded(Observation<InstanceRecord> reading) {
        return reading.toOptional()
                .filter(of -> !of.ended() && profile.is(of.profile()))
                .map(recorded::get)
                .filter(WorldProcess::isAlive);
    }

    /** Whoever keeps the life lock ends. */
    public void keeperOfTheLifeLockEnds() {
        lifeLockIsFree = Observation.seen(true);
        recorded(record).ifPresent(this::exit);
    }

    /** Whether somebody is told at once when the lock changes. */
    public boolean isWatched() {
        return !lockWatchers.isEmpty();
    }

    /** What there is, apart from the time: to see whether anything changed. */
    public String snapshot() {
        return String.join(
                "\n",
                "processes " + processes,
                "lock " + lock,
                "marker " + marker,
                "claim " + claim,
                "closing " + closing,
                "record " + record + " " + locksMade + " " + lifeLockIsFree,
                "launch lock " + launchLock,
                "host " + host,
                "signals " + signals,
                "open " + open.size());
    }

    /**
     * Stands for the whole state of world and launch: the launch is a function of what it was told, so two runs with the same
     * one go on alike.
     */
    public long stateHash() {
        long hash = history;
        for (Object part : List.of(
                elapsed,
                suspended,
                wallStep,
                profile,
                everybody,
                timeNamespace + startShift,
                schedule.size(),
                standing,
                holderWhenLastRead,
                consentWhenLastRead,
                launchLockWhenLastAsked,
                lockReadsSinceTimePassed > 0,
                snapshot())) {
            hash = hash * 0x9E3779B97F4A7C15L + part.hashCode();
        }
        return hash;
    }

    /** Something happened to the launch that no port told it of. */
    public void happened(String what) {
        history = history * 1_000_003 + what.hashCode();
    }

    // For the ports.

    /** The launch was told this. */
    void told(Port port, String answer) {
        history = (history * 1_000_003 + port.name().hashCode()) * 1_000_003 + answer.hashCode();
    }

    /** Who wrote it, if it is unchanged. */
    Optional<WorldProcess> wrote(MarkerReading consent) {
        return consent instanceof MarkerReading.Valid valid
                ? Optional.ofNullable(writers.get(valid.marker()))
                : Optional.empty();
    }

    /**
     * Whose consent this is: that of the live process that wrote it, here and not too long ago. What somebody else wrote in
     * its name, or changed, is nobody's.
     */
    Optional<WorldProcess> consenting(MarkerReading consent) {
        if (!(consent instanceof MarkerReading.Valid valid)) {
            return Optional.empty();
        }
        ConsentMarker found = valid.marker();
        Duration age = sinceBoot().minus(found.written());
        return wrote(consent)
                .filter(WorldProcess::isAlive)
                .filter(writer -> host.is(found.host()) && profile.is(found.profile()))
                .filter(writer -> !age.isNegative() && age.compareTo(LaunchPolicy.DEFAULT.maxMarkerAge()) <= 0);
    }

    /** The live process that the lock names by the name that this host has now, or, where there is no lock, the record. */
    Optional<WorldProcess> holder() {
        if (lock instanceof Observation.Absent) {
            return recorded(record).filter(process -> namespace.equals(process.namespace));
        }
        return lock.toOptional()
                .filter(named -> host.is(named.host()))
                .flatMap(named -> at(named.pid()))
                .filter(WorldProcess::isAlive);
    }

    private void timePassed() {
        lockReadsSinceTimePassed = 0;
        processes.forEach(process -> process.userWhenTimeLastPassed = process.user);
        standing = new Standing(
                holder(),
                consenting(claim instanceof MarkerReading.Absent ? marker : claim),
                !(lock instanceof Observation.Absent));
    }

    long nanoTime() {
        return bootNanos + elapsed;
    }

    Duration sinceBoot() {
        return UPTIME.plusNanos(elapsed).plus(suspended);
    }

    Instant wall() {
        return EPOCH.plusNanos(elapsed).plus(suspended).plus(wallStep);
    }

    /** Runs on to the next event, but not past the deadline; whether there was one. */
    boolean runOn(long deadline) {
        long left = deadline - nanoTime();
        Scheduled next = schedule.peek();
        if (next == null || next.at() - elapsed > left) {
            elapsed += Math.max(0, left);
            timePassed();
            return false;
        }
        schedule.remove();
        elapsed = Math.max(elapsed, next.at());
        next.event().run();
        timePassed();
        return true;
    }

    int called(Port port) {
        calls.add(port);
        if (calls.size() > MOST_CALLS) {
            violations.add("the launch turns in circles");
            throw new IllegalStateException("the launch turns in circles");
        }
        return calls.size() - 1;
    }

    /** A signal arrives; whether it reached anybody. */
    public boolean receive(WorldProcess process, Signal signal) {
        boolean reached = process.isAlive();
        signals.add(new ReceivedSignal(
                signal,
                process,
                reached,
                liveHolder().filter(process::equals).isPresent(),
                claim instanceof MarkerReading.Valid valid
                        && valid.marker().pid() == process.pid
                        && valid.marker().start().equals(process.start),
                elapsedMillis()));
        if (!reached) {
            return false;
        }
        switch (signal) {
            case TERM -> {
                if (process.state == ExecutionState.STOPPED) {
                    process.termPending = true;
                } else {
                    follow(process);
                }
            }
            case CONT -> {
                if (process.state == ExecutionState.STOPPED) {
                    process.state = ExecutionState.RUNNING;
                    if (process.termPending) {
                        follow(process);
                    }
                }
            }
            case KILL -> {
                if (!process.unkillable) {
                    exit(process);
                }
            }
        }
        return true;
    }

    private void follow(WorldProcess process) {
        process.termPending = false;
        if (process.ignoresTerm || process.unkillable) {
            return;
        }
        if (process.removesLockWhenAsked && liveHolder().filter(process::equals).isPresent()) {
            removeLock();
        }
        after(process.millisFromTermToExit, () -> exit(process));
    }
}
