package io.relaunchguard.statemachine.world;

import io.relaunchguard.core.Observation;
import io.relaunchguard.core.Watch;
import io.relaunchguard.core.consent.ClosingNotice;
import io.relaunchguard.core.consent.ConsentMarker;
import io.relaunchguard.core.consent.ConsentStage;
import io.relaunchguard.core.consent.MarkerReading;
import io.relaunchguard.core.consent.MarkerStore;
import io.relaunchguard.core.consent.ThreadDumpStore;
import io.relaunchguard.core.host.HostIdentity;
import io.relaunchguard.core.host.HostPort;
import io.relaunchguard.core.launch.GuardClock;
import io.relaunchguard.core.launch.HistoryStore;
import io.relaunchguard.core.launch.LaunchLock;
import io.relaunchguard.core.lock.InstanceRecord;
import io.relaunchguard.core.lock.InstanceRecordStore;
import io.relaunchguard.core.lock.LockStore;
import io.relaunchguard.core.lock.SingletonLock;
import io.relaunchguard.core.process.ExecutionState;
import io.relaunchguard.core.process.Lineage;
import io.relaunchguard.core.process.PinnedProcess;
import io.relaunchguard.core.process.ProcessIdentity;
import io.relaunchguard.core.process.ProcessTable;
import io.relaunchguard.statemachine.world.World.LaunchLockOwner;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/** The ports to a {@link World}. Every call passes through {@link #call}. */
final class WorldPorts implements HostPort, ProcessTable {

    final Locks lockStore = new Locks();
    final Records recordStore = new Records();
    final Markers markerStore = new Markers();
    final History historyStore = new History();
    final ThreadDumps threadDumpStore = new ThreadDumps();
    final LauncherLock launchLock = new LauncherLock();
    final Clock clock = new Clock();

    private final World world;

    WorldPorts(World world) {
        this.world = world;
    }

    /** The one way through which every call goes. */
    <T> T call(Port port, Supplier<T> body) {
        int index = world.called(port);
        world.hook.beforeCall(port, index);
        T answer = body.get();
        if (world.namesStates && !port.isTime()) {
            world.told(port, answer instanceof Watch ? "" : String.valueOf(answer));
        }
        world.hook.afterCall(port, index);
        return answer;
    }

    void run(Port port, Runnable body) {
        call(port, () -> {
            body.run();
            return port;
        });
    }

    <T> Observation<T> ask(Port port, Supplier<Observation<T>> body) {
        try {
            return call(port, body);
        } catch (CallHook.Unknown unknown) {
            world.told(port, "unknown");
            return Observation.unknown(String.valueOf(unknown.getMessage()));
        }
    }

    // The host and its processes.

    @Override
    public HostIdentity read() {
        long own = world.launcher.pid;
        try {
            return call(
                    Port.HOST_READ,
                    () -> new HostIdentity(
                            own,
                            world.host,
                            world.bootId,
                            world.machineId,
                            world.namespace,
                            world.timeNamespace,
                            world.user));
        } catch (CallHook.Unknown unknown) {
            Observation<String> nothing = Observation.unknown(String.valueOf(unknown.getMessage()));
            return new HostIdentity(own, nothing, nothing, nothing, nothing, nothing, nothing);
        }
    }

    @Override
    public Observation<PinnedProcess> pin(long pid) {
        return ask(Port.PIN, () -> {
            Optional<WorldProcess> found = world.visible(pid);
            if (found.isEmpty()) {
                return Observation.absent("there is no process %d".formatted(pid));
            }
            return found.get().pinnable
                    ? Observation.seen(new WorldPin(world, this, found.get()))
                    : Observation.unknown("process %d cannot be pinned here".formatted(pid));
        });
    }

    @Override
    public Observation<ProcessIdentity> look(long pid) {
        return ask(
                Port.LOOK,
                () -> world.visible(pid)
                        .map(this::seen)
                        .orElseGet(() -> Observation.absent("there is no process %d".formatted(pid))));
    }

    @Override
    public Map<Long, String> others() {
        return call(
                Port.OTHERS,
                () -> world.processes.stream()
                        .filter(process -> process != world.launcher && !process.hidden)
                        .collect(Collectors.toMap(process -> process.pid, process -> process.start)));
    }

    @Override
    public List<PinnedProcess> helpersOf(PinnedProcess ancestor) {
        return call(
                Port.HELPERS_OF,
                () -> world.processes.stream()
                        .filter(process -> process.hasFilesOpen
                                && process.isAlive()
                                && !process.hidden
                                && !process.denied
                                && process.lineageTo(world.launcher).is(Lineage.UNRELATED)
                                && world.at(ancestor.pid())
                                        .filter(process::descendsFrom)
                                        .isPresent())
                        .<PinnedProcess>map(process -> new WorldPin(world, this, process))
                        .toList());
    }

    @Override
    public Observation<String> seesEverybody() {
        return ask(Port.SEES_EVERYBODY, () -> world.everybody);
    }

    @Override
    public Observation<Boolean> usesProfile(long pid) {
        return ask(
                Port.USES_PROFILE,
                () -> world.visible(pid)
                        .filter(WorldProcess::isAlive)
                        .map(process -> process.denied
                                ? Observation.<Boolean>unknown("process %d is hidden".formatted(pid))
                                : Observation.seen(process.hasFilesOpen))
                        .orElseGet(() -> Observation.absent("there is no process %d".formatted(pid))));
    }

    @Override
    public List<PinnedProcess> stoppedHelpersOf(PinnedProcess ancestor) {
        return call(
                Port.STOPPED_HELPERS_OF,
                () -> world.processes.stream()
                        .filter(process -> process.sharesSession
                                && process.state == ExecutionState.STOPPED
                                && process.lineageTo(world.launcher).is(Lineage.UNRELATED)
                                && world.at(ancestor.pid())
                                        .filter(process::descendsFrom)
                                        .isPresent())
                        .<PinnedProcess>map(process -> new WorldPin(world, this, process))
                        .toList());
    }

    @Override
    public Observation<ProcessIdentity> namesakeInOtherNamespace(long pid) {
        return ask(Port.NAMESAKE, () -> world.namesake);
    }

    Observation<ProcessIdentity> seen(WorldProcess process) {
        return process.denied && process.isAlive()
                ? Observation.unknown("process %d is hidden".formatted(process.pid))
                : Observation.seen(identityOf(process));
    }

    private ProcessIdentity identityOf(WorldProcess process) {
        return new ProcessIdentity(
                process.pid,
                process.start + world.startShift,
                process.state,
                process.user,
                process.namespace,
                Observation.seen("/opt/app/app"),
                process.lineageTo(world.launcher));
    }

    private void requireLaunchLock(Port port) {
        if (world.launchLock != LaunchLockOwner.THIS_LAUNCHER && world.innerLock != LaunchLockOwner.THIS_LAUNCHER) {
            world.violations.add(port + " without the launch lock");
        }
    }

    private static MarkerReading unreadable(CallHook.Unknown unknown) {
        return new MarkerReading.Unreadable(String.valueOf(unknown.getMessage()));
    }

    final class Locks implements LockStore {
        /** No call to tell of: it only says a name. */
        @Override
        public Path file() {
            return Path.of("profile", SingletonLock.FILE_NAME);
        }

        @Override
        public Observation<SingletonLock> read() {
            Observation<SingletonLock> answer = ask(Port.LOCK_READ, () -> world.lock);
            world.lockWhenLastRead = answer;
            world.lockReadsSinceTimePassed++;
            world.holderWhenLastRead = answer.equals(world.lock) ? world.holder() : Optional.empty();
            return answer;
        }

        @Override
        public Observation<Instant> since() {
            return ask(Port.LOCK_SINCE, () -> world.lock.map(lock -> world.lockedSince()));
        }

        @Override
        public boolean remove(SingletonLock expected) {
            return call(Port.LOCK_REMOVE, () -> {
                requireLaunchLock(Port.LOCK_REMOVE);
                if (!world.lockCanBeRemoved || !world.lock.is(expected)) {
                    return false;
                }
                world.liveMaker()
                        .filter(maker -> maker.hidden)
                        .ifPresent(maker -> world.violations.add("the lock of a process that is not seen was removed"));
                world.liveHolder().ifPresent(holder -> {
                    boolean pidWasAnothers =
                            world.processes.stream().anyMatch(other -> other != holder && other.pid == holder.pid);
                    world.violations.add(
                            (pidWasAnothers ? World.SAME_LOCK_AGAIN : "the lock of a live process was removed") + ": "
                                    + holder);
                });
                if (world.lifeLockIsFree.is(false)
                        && world.record.map(InstanceRecord::lock).is(expected)) {
                    world.violations.add(
                            (world.sameLockAgain ? World.SAME_LOCK_AGAIN : "the lock of a live process was removed")
                                    + ": it keeps its life lock");
                }
                // Only a lock of this host's name can be the namesake's.
                if (expected.host().equals(World.HOST) && !(world.namesake instanceof Observation.Absent)) {
                    world.violations.add("the lock of a process of another namespace was removed");
                }
                world.removeLock();
                return true;
            });
        }

        @Override
        public Watch watch(Runnable onChange) {
            return call(Port.LOCK_WATCH, () -> {
                Runnable watcher = () -> onChange.run();
                world.lockWatchers.add(watcher);
                world.open.add(watcher);
                return () -> WorldPorts.this.run(Port.WATCH_CLOSE, () -> {
                    world.lockWatchers.remove(watcher);
                    world.open.remove(watcher);
                });
            });
        }
    }

    final class Records implements InstanceRecordStore {
        @Override
        public Path file() {
            return Path.of("profile", "RelaunchGuard.instance");
        }

        @Override
        public boolean isNeeded() {
            return world.recordIsNeeded;
        }

        @Override
        public Observation<InstanceRecord> read() {
            Observation<InstanceRecord> answer = ask(Port.RECORD_READ, () -> world.record);
            world.recordWhenLastRead = answer;
            if (world.lock instanceof Observation.Absent) {
                world.holderWhenLastRead = answer.equals(world.record) ? world.holder() : Optional.empty();
            }
            return answer;
        }

        @Override
        public void write(InstanceRecord record) {
            WorldPorts.this.run(Port.RECORD_WRITE, () -> {
                requireLaunchLock(Port.RECORD_WRITE);
                world.record = Observation.seen(record);
                world.at(record.lock().pid()).ifPresent(process -> world.recordIs(process, record));
            });
        }

        @Override
        public Observation<String> keepLifeLock() {
            return ask(Port.LIFE_LOCK_KEEP, () -> {
                world.lifeLockIsFree = Observation.seen(false);
                return Observation.seen("life");
            });
        }

        @Override
        public Observation<Boolean> isFree(String lifeLock) {
            return ask(Port.LIFE_LOCK_PROBE, () -> world.lifeLockIsFree);
        }
    }

    final class History implements HistoryStore {

        @Override
        public void append(String line) {
            WorldPorts.this.run(Port.HISTORY_APPEND, () -> world.historyLines.add(line));
        }

        @Override
        public List<String> lines() {
            return call(Port.HISTORY_LINES, () -> List.copyOf(world.historyLines));
        }
    }

    final class ThreadDumps implements ThreadDumpStore {

        @Override
        public void write(String nonce, String dump) {
            WorldPorts.this.run(Port.THREAD_DUMP_WRITE, () -> world.threadDumps.put(nonce, dump));
        }

        @Override
        public Optional<Path> find(String nonce) {
            return call(
                    Port.THREAD_DUMP_FIND,
                    () -> world.threadDumps.containsKey(nonce)
                            ? Optional.of(Path.of("/world/threads-" + nonce))
                            : Optional.empty());
        }
    }

    final class Markers implements MarkerStore {

        @Override
        public Observation<String> profileIdentity() {
            return ask(Port.PROFILE_IDENTITY, () -> world.profile);
        }

        @Override
        public MarkerReading peek() {
            try {
                return call(Port.MARKER_PEEK, () -> {
                    MarkerReading there = world.marker instanceof MarkerReading.Absent ? world.claim : world.marker;
                    world.consentWhenLastRead = world.consenting(there);
                    return there;
                });
            } catch (CallHook.Unknown unknown) {
                return unreadable(unknown);
            }
        }

        @Override
        public MarkerReading claim() {
            try {
                return call(Port.MARKER_CLAIM, () -> {
                    requireLaunchLock(Port.MARKER_CLAIM);
                    if (world.marker instanceof MarkerReading.Valid) {
                        world.claim = world.marker;
                        world.marker = new MarkerReading.Absent();
                    }
                    MarkerReading there = world.marker instanceof MarkerReading.Absent ? world.claim : world.marker;
                    world.consentWhenLastRead = world.consenting(there);
                    return there;
                });
            } catch (CallHook.Unknown unknown) {
                return unreadable(unknown);
            }
        }

        @Override
        public MarkerReading readClaim() {
            try {
                return call(Port.MARKER_READ_CLAIM, () -> {
                    requireLaunchLock(Port.MARKER_READ_CLAIM);
                    world.consentWhenLastRead = world.consenting(world.claim);
                    return world.claim;
                });
            } catch (CallHook.Unknown unknown) {
                return unreadable(unknown);
            }
        }

        @Override
        public MarkerReading noteRequest() {
            try {
                return call(Port.MARKER_NOTE_REQUEST, () -> {
                    requireLaunchLock(Port.MARKER_NOTE_REQUEST);
                    if (world.claim instanceof MarkerReading.Valid valid) {
                        world.claim = new MarkerReading.Valid(valid.marker(), true);
                    }
                    if (!world.wrote(world.claim).equals(world.consentWhenLastRead)) {
                        // Host and profile were looked at before: only whose consent it is may have changed.
                        world.consentWhenLastRead = Optional.empty();
                    }
                    return world.claim;
                });
            } catch (CallHook.Unknown unknown) {
                return unreadable(unknown);
            }
        }

        @Override
        public void discardClaim() {
            WorldPorts.this.run(Port.MARKER_DISCARD_CLAIM, () -> {
                requireLaunchLock(Port.MARKER_DISCARD_CLAIM);
                world.claim = new MarkerReading.Absent();
            });
        }

        @Override
        public void write(ConsentMarker marker) {
            WorldPorts.this.run(Port.MARKER_WRITE, () -> world.marker = new MarkerReading.Valid(marker));
        }

        @Override
        public void withdraw(String nonce) {
            WorldPorts.this.run(Port.MARKER_WITHDRAW, () -> {
                if (hasNonce(world.marker, nonce)) {
                    world.marker = new MarkerReading.Absent();
                }
                if (hasNonce(world.claim, nonce)) {
                    world.claim = new MarkerReading.Absent();
                }
            });
        }

        @Override
        public void withdrawOf(long pid) {
            throw new UnsupportedOperationException("no launch withdraws a consent by its process");
        }

        @Override
        public ConsentStage stage(String nonce) {
            return call(Port.MARKER_STAGE, () -> stageOf(nonce));
        }

        @Override
        public ConsentStage withdrawUpTo(String nonce, ConsentStage last) {
            return call(Port.MARKER_WITHDRAW, () -> {
                ConsentStage stage = stageOf(nonce);
                if (stage == ConsentStage.GONE || stage.compareTo(last) > 0) {
                    return stage;
                }
                if (stage == ConsentStage.WRITTEN) {
                    world.marker = new MarkerReading.Absent();
                } else {
                    world.claim = new MarkerReading.Absent();
                }
                return ConsentStage.GONE;
            });
        }

        @Override
        public void writeClosing(ClosingNotice notice) {
            WorldPorts.this.run(Port.CLOSING_WRITE, () -> world.closing = Observation.seen(notice));
        }

        @Override
        public Observation<ClosingNotice> closing() {
            return ask(Port.CLOSING_READ, () -> world.closing);
        }

        private ConsentStage stageOf(String nonce) {
            if (hasNonce(world.marker, nonce)) {
                return ConsentStage.WRITTEN;
            }
            if (!hasNonce(world.claim, nonce)) {
                return ConsentStage.GONE;
            }
            return world.claim instanceof MarkerReading.Valid valid && valid.asked()
                    ? ConsentStage.ASKED
                    : ConsentStage.CLAIMED;
        }

        private static boolean hasNonce(MarkerReading reading, String nonce) {
            return reading instanceof MarkerReading.Valid valid
                    && valid.marker().nonce().equals(nonce);
        }
    }

    final class LauncherLock implements LaunchLock {
        @Override
        public Optional<Path> obstacle() {
            return Optional.empty();
        }

        @Override
        public Watch request(Consumer<Observation<Hold>> reply) {
            return call(Port.LAUNCH_LOCK_REQUEST, () -> {
                world.launchLockWhenLastAsked = world.launchLock;
                world.launchLockRequest = Optional.of(reply);
                world.open.add(reply);
                grant();
                return () -> WorldPorts.this.run(Port.WATCH_CLOSE, () -> withdraw(reply));
            });
        }

        @Override
        public Observation<String> probe() {
            Observation<String> answer = ask(Port.LAUNCH_LOCK_PROBE, () -> switch (world.launchLock) {
                case NOBODY -> Observation.seen("nobody has it");
                case BROKEN -> Observation.unknown("there can be no launch lock here");
                case THIS_LAUNCHER, ANOTHER -> Observation.absent("another launcher is at work");
            });
            if (!(answer instanceof Observation.Unknown)) {
                world.launchLockWhenLastAsked = world.launchLock;
            }
            return answer;
        }

        @Override
        public Observation<Long> owner() {
            return world.launchLock == LaunchLockOwner.ANOTHER
                    ? world.launchLockOwner
                    : Observation.absent("no other launcher is at work");
        }

        @Override
        public Optional<LaunchLock> inner() {
            return Optional.of(new InnerLock());
        }

        /** Hands the lock over if it is wanted and free. */
        void grant() {
            Consumer<Observation<Hold>> reply = world.launchLockRequest.orElse(null);
            if (reply == null) {
                return;
            }
            if (world.launchLock == LaunchLockOwner.BROKEN) {
                withdraw(reply);
                world.launchLockWhenLastAsked = LaunchLockOwner.BROKEN;
                reply.accept(Observation.unknown("there can be no launch lock here"));
            } else if (world.launchLock == LaunchLockOwner.NOBODY) {
                withdraw(reply);
                world.launchLock = LaunchLockOwner.THIS_LAUNCHER;
                world.launchLockWhenLastAsked = LaunchLockOwner.THIS_LAUNCHER;
                reply.accept(Observation.seen(hold()));
            }
        }

        private void withdraw(Consumer<Observation<Hold>> reply) {
            world.launchLockRequest = Optional.empty();
            world.open.remove(reply);
        }

        private Hold hold() {
            Object token = new Object();
            world.open.add(token);
            return () -> WorldPorts.this.run(Port.HOLD_CLOSE, () -> {
                if (world.open.remove(token)) {
                    world.launchLock = LaunchLockOwner.NOBODY;
                }
            });
        }
    }

    /** Of those that the owner of the launch lock has started. */
    final class InnerLock implements LaunchLock {

        @Override
        public Watch request(Consumer<Observation<Hold>> reply) {
            if (world.innerLock == LaunchLockOwner.NOBODY) {
                world.innerLock = LaunchLockOwner.THIS_LAUNCHER;
                reply.accept(Observation.seen(() -> world.innerLock = LaunchLockOwner.NOBODY));
            }
            return () -> {};
        }

        @Override
        public Observation<String> probe() {
            return world.innerLock == LaunchLockOwner.ANOTHER
                    ? Observation.absent("another launcher is at work")
                    : Observation.seen("nobody has it");
        }

        @Override
        public Optional<Path> obstacle() {
            return Optional.empty();
        }
    }

    final class Clock implements GuardClock {

        @Override
        public long nanoTime() {
            if (isWatchdog()) {
                return world.nanoTime();
            }
            return call(Port.CLOCK_NANO_TIME, world::nanoTime);
        }

        @Override
        public Observation<Duration> sinceBoot() {
            return ask(
                    Port.CLOCK_SINCE_BOOT,
                    () -> world.uptimeKnown
                            ? Observation.seen(world.sinceBoot())
                            : Observation.unknown("the time since boot is not known"));
        }

        @Override
        public Instant now() {
            return call(Port.CLOCK_NOW, world::wall);
        }

        @Override
        public <T> T poll(BlockingQueue<T> queue, long deadline) throws InterruptedException {
            if (isWatchdog()) {
                return queue.take();
            }
            T polled = call(Port.CLOCK_POLL, () -> {
                T element = queue.poll();
                while (element == null && !Thread.currentThread().isInterrupted() && deadline - world.nanoTime() > 0) {
                    if (!world.runOn(deadline)) {
                        break;
                    }
                    element = queue.poll();
                }
                return element == null ? queue.poll() : element;
            });
            if (Thread.interrupted()) {
                throw new InterruptedException();
            }
            return polled;
        }

        /** Its deadline never comes, and it is no part of the story: it would end the JVM of the tests. */
        private static boolean isWatchdog() {
            return Thread.currentThread().getName().equals("relaunch-guard-watchdog");
        }
    }
}
