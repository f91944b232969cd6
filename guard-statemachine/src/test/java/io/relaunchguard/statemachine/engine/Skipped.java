package io.relaunchguard.statemachine.engine;

import io.relaunchguard.core.Observation;
import io.relaunchguard.core.Watch;
import io.relaunchguard.core.consent.ClosingNotice;
import io.relaunchguard.core.consent.ConsentMarker;
import io.relaunchguard.core.consent.ConsentStage;
import io.relaunchguard.core.consent.MarkerReading;
import io.relaunchguard.core.consent.MarkerStore;
import io.relaunchguard.core.host.HostIdentity;
import io.relaunchguard.core.host.HostPort;
import io.relaunchguard.core.launch.GuardClock;
import io.relaunchguard.core.launch.LaunchLock;
import io.relaunchguard.core.launch.ProfilePorts;
import io.relaunchguard.core.lock.InstanceRecord;
import io.relaunchguard.core.lock.InstanceRecordStore;
import io.relaunchguard.core.lock.LockStore;
import io.relaunchguard.core.lock.SingletonLock;
import io.relaunchguard.core.process.Activity;
import io.relaunchguard.core.process.ExecutionState;
import io.relaunchguard.core.process.PinnedProcess;
import io.relaunchguard.core.process.ProcessIdentity;
import io.relaunchguard.core.process.ProcessTable;
import io.relaunchguard.core.process.SentSignal;
import io.relaunchguard.statemachine.world.World;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;

/** A look that the launch would leave out, or a hold that it would do without, seeded in the port that it asks. */
enum Skipped {
    /** TERM on the lock as it was before DECIDE. */
    LOCK_IS_READ_ONCE(from -> with(from, new LockIsReadOnce(from.lock(), false))),
    /** The permit on the first look that found no lock. */
    CACHE_IS_NOT_LOOKED_AT_AGAIN(from -> with(from, new LockIsReadOnce(from.lock(), true))),
    /** TERM and KILL on the marker as it was at DECIDE. */
    MARKER_IS_READ_ONCE(from -> with(from, new MarkerIsRead(from.markers(), 1, false))),
    /** KILL on the marker as it was at TERM. */
    MARKER_IS_NOT_READ_BEFORE_KILL(from -> with(from, new MarkerIsRead(from.markers(), 2, false))),
    REQUEST_IS_NOT_NOTED(from -> with(from, new RequestIsNotNoted(from.markers()))),
    PROFILE_IS_READ_ONCE(from -> with(from, new MarkerIsRead(from.markers(), Integer.MAX_VALUE, true))),
    HOST_IS_READ_ONCE(from -> with(from, new HostIsReadOnce(from.host()))),
    AGE_IS_READ_ONCE(from -> with(from, new AgeIsReadOnce(from.clock()))),
    HOLDER_IS_EXAMINED_ONCE(from -> with(from, new Processes(from.processes(), (table, pin) -> new ExaminedOnce(pin)))),
    SIGNALS_GO_TO_THE_PID(from -> with(from, new Processes(from.processes(), ByPid::new))),
    LAUNCH_LOCK_IS_NOT_TAKEN(from -> with(from, new NoLaunchLock())),
    OTHER_NAMESPACES_ARE_NOT_LOOKED_INTO(from -> with(from, new OtherNamespacesUnseen(from.processes()))),
    HOLDER_OF_THE_LOCK_IS_NOT_LOOKED_FOR(from -> with(from, new NobodyIsThere(from.processes()))),
    LOCK_IS_REMOVED_UNVERIFIED(from -> with(from, new UnverifiedRemoval(from.lock()))),
    LIFE_LOCK_IS_NOT_TRIED(from -> with(from, new Records(from.instances(), record -> record, true))),
    /** As if the record were not compared with who has the pid now. */
    START_IN_THE_RECORD_IS_NOT_THAT_OF_THE_PROCESS(
            from -> with(from, Records.that(from.instances(), Records.Field.START))),
    /** A sandbox, or a /proc that hides processes, is taken for the whole machine. */
    EVERYBODY_IS_TAKEN_TO_BE_SEEN(from -> with(from, new EverybodySeen(from.processes()))),
    NAMESPACE_IN_THE_RECORD_IS_TAKEN_FOR_THIS_ONE(
            from -> with(from, Records.that(from.instances(), Records.Field.NAMESPACE))),
    TIME_NAMESPACE_IS_NOT_ASKED_FOR(from -> with(from, new TimeNamespaceUnasked(from.host()))),
    /** What the kernel dropped with the launch lock is in no record either. */
    WHO_WAS_LET_THROUGH_IS_NOT_REMEMBERED(from -> with(from, new Records(from.instances(), record -> record, false) {
        @Override
        public Observation<InstanceRecord> read() {
            return super.read()
                    .flatMap(record -> record.lockedSince().isPresent()
                            ? Observation.seen(record)
                            : Observation.absent("it has made no lock"));
        }
    })),
    SURVIVORS_ARE_FORGOTTEN(from -> with(from, Records.that(from.instances(), Records.Field.SURVIVORS))),
    FILES_OF_THE_DEPARTED_ARE_NOT_LOOKED_AT(from -> with(from, new FilesUnseen(from.processes()))),
    WAIT_THAT_BREAKS_IS_TAKEN_FOR_NO_LOCK(from -> with(from, new WaitBreaks(from.launchLock()))),
    MACHINE_IN_THE_RECORD_IS_TAKEN_FOR_THIS_ONE(
            from -> with(from, Records.that(from.instances(), Records.Field.MACHINE))),
    BOOT_IN_THE_RECORD_IS_NOT_THIS_ONE(from -> with(from, Records.that(from.instances(), Records.Field.BOOT))),
    /** The maker of a lock that cannot be looked at counts as gone. */
    UNKNOWN_PROCESS_IS_TAKEN_FOR_NONE(from -> with(from, new UnknownIsNobody(from.processes()))),
    /** A living maker of a lock counts as a zombie. */
    ZOMBIE_IS_SEEN_IN_THE_LIVING(
            from -> with(from, new Processes(from.processes(), (table, pin) -> new SeenAsZombie(pin))));

    // A lambda without state is immutable, though its type cannot say so.
    @SuppressWarnings("ImmutableEnumChecker")
    private final UnaryOperator<ProfilePorts> ports;

    Skipped(UnaryOperator<ProfilePorts> ports) {
        this.ports = ports;
    }

    /** These ports with the fault seeded. */
    ProfilePorts seededIn(ProfilePorts from) {
        return ports.apply(from);
    }

    /** Ports of an outgoing process that believes its consent to be gone whatever it does. */
    static ProfilePorts withdrawingWithoutEffect(ProfilePorts from) {
        return with(from, new WithdrawalHasNoEffect(from.markers()));
    }

    private static ProfilePorts with(ProfilePorts from, Object port) {
        return new ProfilePorts(
                from.profile(),
                port instanceof HostPort host ? host : from.host(),
                port instanceof ProcessTable processes ? processes : from.processes(),
                port instanceof LockStore lock ? lock : from.lock(),
                port instanceof InstanceRecordStore instances ? instances : from.instances(),
                port instanceof MarkerStore markers ? markers : from.markers(),
                port instanceof LaunchLock launchLock ? launchLock : from.launchLock(),
                from.history(),
                from.threadDumps(),
                port instanceof GuardClock clock ? clock : from.clock());
    }

    /** The lock as it is. */
    private static class Locks implements LockStore {

        final LockStore real;

        Locks(LockStore real) {
            this.real = real;
        }

        @Override
        public Observation<SingletonLock> read() {
            return real.read();
        }

        @Override
        public Observation<Instant> since() {
            return real.since();
        }

        @Override
        public boolean remove(SingletonLock expected) {
            return real.remove(expected);
        }

        @Override
        public Path file() {
            return real.file();
        }

        @Override
        public Watch watch(Runnable onChange) {
            return real.watch(onChange);
        }
    }

    /** Answers for ever what it saw once, or only what it saw once of an absent lock. */
    private static final class LockIsReadOnce extends Locks {

        private final boolean onlyAbsence;
        private Observation<SingletonLock> first;

        LockIsReadOnce(LockStore real, boolean onlyAbsence) {
            super(real);
            this.onlyAbsence = onlyAbsence;
        }

        @Override
        public Observation<SingletonLock> read() {
            if (first != null) {
                return first;
            }
            Observation<SingletonLock> answer = real.read();
            if (!onlyAbsence || answer instanceof Observation.Absent) {
                first = answer;
            }
            return answer;
        }
    }

    /** Removes whatever lock is there. */
    private static final class UnverifiedRemoval extends Locks {

        UnverifiedRemoval(LockStore real) {
            super(real);
        }

        @Override
        public boolean remove(SingletonLock expected) {
            return real.read() instanceof Observation.Seen<SingletonLock> there && real.remove(there.value());
        }
    }

    /** Records with something changed. */
    private static class Records implements InstanceRecordStore {

        enum Field {
            START,
            BOOT,
            MACHINE,
            NAMESPACE,
            SURVIVORS
        }

        private final InstanceRecordStore real;
        private final UnaryOperator<InstanceRecord> change;
        private final boolean allFree;

        Records(InstanceRecordStore real, UnaryOperator<InstanceRecord> change, boolean allFree) {
            this.real = real;
            this.change = change;
            this.allFree = allFree;
        }

        static Records that(InstanceRecordStore real, Field differs) {
            return new Records(
                    real,
                    record -> new InstanceRecord(
                            record.lock(),
                            record.lockedSince(),
                            differs == Field.START ? "another" : record.start(),
                            differs == Field.BOOT ? "another" : record.bootId(),
                            differs == Field.MACHINE ? World.ANOTHER_MACHINE : record.machineId(),
                            differs == Field.NAMESPACE ? World.NAMESPACE : record.pidNamespace(),
                            record.timeNamespace(),
                            record.user(),
                            record.profile(),
                            record.lifeLock(),
                            record.command(),
                            record.ended(),
                            differs == Field.SURVIVORS ? List.of() : record.survivors()),
                    false);
        }

        @Override
        public Path file() {
            return real.file();
        }

        @Override
        public Observation<InstanceRecord> read() {
            return real.read().map(change);
        }

        @Override
        public void write(InstanceRecord record) throws IOException {
            real.write(record);
        }

        @Override
        public Observation<String> keepLifeLock() {
            return real.keepLifeLock();
        }

        @Override
        public Observation<Boolean> isFree(String lifeLock) {
            return allFree ? Observation.seen(true) : real.isFree(lifeLock);
        }
    }

    /** The marker as it is. */
    private static class Markers implements MarkerStore {

        final MarkerStore real;

        Markers(MarkerStore real) {
            this.real = real;
        }

        @Override
        public Observation<String> profileIdentity() {
            return real.profileIdentity();
        }

        @Override
        public MarkerReading peek() {
            return real.peek();
        }

        @Override
        public MarkerReading claim() {
            return real.claim();
        }

        @Override
        public MarkerReading readClaim() {
            return real.readClaim();
        }

        @Override
        public MarkerReading noteRequest() {
            return real.noteRequest();
        }

        @Override
        public void discardClaim() {
            real.discardClaim();
        }

        @Override
        public void write(ConsentMarker marker) throws IOException {
            real.write(marker);
        }

        @Override
        public void withdraw(String nonce) throws IOException {
            real.withdraw(nonce);
        }

        @Override
        public void withdrawOf(long pid) throws IOException {
            real.withdrawOf(pid);
        }

        @Override
        public ConsentStage stage(String nonce) throws IOException {
            return real.stage(nonce);
        }

        @Override
        public void writeClosing(ClosingNotice notice) throws IOException {
            real.writeClosing(notice);
        }

        @Override
        public Observation<ClosingNotice> closing() {
            return real.closing();
        }

        @Override
        public ConsentStage withdrawUpTo(String nonce, ConsentStage last) throws IOException {
            return real.withdrawUpTo(nonce, last);
        }
    }

    /** Says that it was withdrawn. */
    private static final class WithdrawalHasNoEffect extends Markers {

        WithdrawalHasNoEffect(MarkerStore real) {
            super(real);
        }

        @Override
        public ConsentStage withdrawUpTo(String nonce, ConsentStage last) {
            return ConsentStage.GONE;
        }
    }

    /** Says that it was noted. */
    private static final class RequestIsNotNoted extends Markers {

        private MarkerReading last = new MarkerReading.Absent();

        RequestIsNotNoted(MarkerStore real) {
            super(real);
        }

        @Override
        public MarkerReading readClaim() {
            last = real.readClaim();
            return last;
        }

        @Override
        public MarkerReading noteRequest() {
            return last instanceof MarkerReading.Valid valid
                    ? new MarkerReading.Valid(valid.marker(), true)
                    : new MarkerReading.Absent();
        }
    }

    /** The marker as it is the first so many times, then what it was. */
    private static final class MarkerIsRead extends Markers {

        private final int mostReadings;
        private final boolean profileToo;
        private int readings;
        private MarkerReading last;
        private Observation<String> profile;

        MarkerIsRead(MarkerStore real, int mostReadings, boolean profileToo) {
            super(real);
            this.mostReadings = mostReadings;
            this.profileToo = profileToo;
        }

        @Override
        public Observation<String> profileIdentity() {
            profile = profile == null || !profileToo ? real.profileIdentity() : profile;
            return profile;
        }

        @Override
        public MarkerReading readClaim() {
            if (readings++ < mostReadings) {
                last = real.readClaim();
            }
            return last;
        }
    }

    private static final class HostIsReadOnce implements HostPort {

        private final HostPort real;
        private HostIdentity first;

        HostIsReadOnce(HostPort real) {
            this.real = real;
        }

        @Override
        public HostIdentity read() {
            first = first == null ? real.read() : first;
            return first;
        }
    }

    private static final class AgeIsReadOnce implements GuardClock {

        private final GuardClock real;
        private Observation<Duration> first;

        AgeIsReadOnce(GuardClock real) {
            this.real = real;
        }

        @Override
        public long nanoTime() {
            return real.nanoTime();
        }

        @Override
        public Observation<Duration> sinceBoot() {
            first = first == null ? real.sinceBoot() : first;
            return first;
        }

        @Override
        public Instant now() {
            return real.now();
        }

        @Override
        public <T> T poll(BlockingQueue<T> queue, long deadline) throws InterruptedException {
            return real.poll(queue, deadline);
        }
    }

    /** Processes as they are, but with other pins. */
    private static class Processes implements ProcessTable {

        final ProcessTable real;
        private final BiFunction<ProcessTable, PinnedProcess, PinnedProcess> pinning;

        Processes(ProcessTable real, BiFunction<ProcessTable, PinnedProcess, PinnedProcess> pinning) {
            this.real = real;
            this.pinning = pinning;
        }

        @Override
        public Observation<PinnedProcess> pin(long pid) {
            return real.pin(pid).map(pin -> pinning.apply(real, pin));
        }

        @Override
        public Observation<ProcessIdentity> look(long pid) {
            return real.look(pid);
        }

        @Override
        public Map<Long, String> others() {
            return real.others();
        }

        @Override
        public List<PinnedProcess> helpersOf(PinnedProcess ancestor) {
            return real.helpersOf(ancestor);
        }

        @Override
        public Observation<ProcessIdentity> namesakeInOtherNamespace(long pid) {
            return real.namesakeInOtherNamespace(pid);
        }

        @Override
        public Observation<String> seesEverybody() {
            return real.seesEverybody();
        }

        @Override
        public Observation<Boolean> usesProfile(long pid) {
            return real.usesProfile(pid);
        }

        @Override
        public List<PinnedProcess> stoppedHelpersOf(PinnedProcess ancestor) {
            return real.stoppedHelpersOf(ancestor);
        }
    }

    private static final class EverybodySeen extends Processes {

        EverybodySeen(ProcessTable real) {
            super(real, (table, pin) -> pin);
        }

        @Override
        public Observation<String> seesEverybody() {
            return Observation.seen("it was not asked");
        }
    }

    private static final class FilesUnseen extends Processes {

        FilesUnseen(ProcessTable real) {
            super(real, (table, pin) -> pin);
        }

        @Override
        public Observation<Boolean> usesProfile(long pid) {
            return Observation.seen(false);
        }
    }

    private static final class TimeNamespaceUnasked implements HostPort {

        private final HostPort real;

        TimeNamespaceUnasked(HostPort real) {
            this.real = real;
        }

        @Override
        public HostIdentity read() {
            HostIdentity host = real.read();
            return new HostIdentity(
                    host.pid(),
                    host.host(),
                    host.bootId(),
                    host.machineId(),
                    host.pidNamespace(),
                    Observation.seen(World.TIME_NAMESPACE),
                    host.user());
        }
    }

    /** A wait for another launcher that breaks counts as no lock that can be had. */
    private static final class WaitBreaks implements LaunchLock {

        private final LaunchLock real;

        WaitBreaks(LaunchLock real) {
            this.real = real;
        }

        @Override
        public Watch request(Consumer<Observation<Hold>> reply) {
            if (real.probe() instanceof Observation.Absent) {
                reply.accept(Observation.unknown("resource deadlock avoided"));
                return () -> {};
            }
            return real.request(reply);
        }

        @Override
        public Optional<Path> obstacle() {
            return real.obstacle();
        }

        @Override
        public Observation<String> probe() {
            return Observation.unknown("resource deadlock avoided");
        }
    }

    private static final class OtherNamespacesUnseen extends Processes {

        OtherNamespacesUnseen(ProcessTable real) {
            super(real, (table, pin) -> pin);
        }

        @Override
        public Observation<ProcessIdentity> namesakeInOtherNamespace(long pid) {
            return Observation.absent("not looked for");
        }
    }

    private static final class UnknownIsNobody extends Processes {

        UnknownIsNobody(ProcessTable real) {
            super(real, (table, pin) -> pin);
        }

        @Override
        public Observation<PinnedProcess> pin(long pid) {
            Observation<PinnedProcess> pin = real.pin(pid);
            return pin instanceof Observation.Unknown ? Observation.absent("it cannot be told") : pin;
        }
    }

    private static final class NobodyIsThere extends Processes {

        NobodyIsThere(ProcessTable real) {
            super(real, (table, pin) -> pin);
        }

        @Override
        public Observation<PinnedProcess> pin(long pid) {
            return Observation.absent("not looked for");
        }
    }

    /** The pin as it is. */
    private static class Pin implements PinnedProcess {

        final PinnedProcess real;

        Pin(PinnedProcess real) {
            this.real = real;
        }

        @Override
        public long pid() {
            return real.pid();
        }

        @Override
        public Observation<ProcessIdentity> identity() {
            return real.identity();
        }

        @Override
        public boolean hasExited() {
            return real.hasExited();
        }

        @Override
        public List<SentSignal> requestExit() {
            return real.requestExit();
        }

        @Override
        public SentSignal forceExit() {
            return real.forceExit();
        }

        @Override
        public List<SentSignal> resumeIfStopped() {
            return real.resumeIfStopped();
        }

        @Override
        public Observation<Activity> activity() {
            return real.activity();
        }

        @Override
        public void onExit(Runnable action) {
            real.onExit(action);
        }

        @Override
        public void close() {
            real.close();
        }
    }

    private static final class SeenAsZombie extends Pin {

        SeenAsZombie(PinnedProcess real) {
            super(real);
        }

        @Override
        public Observation<ProcessIdentity> identity() {
            return real.identity()
                    .map(seen -> new ProcessIdentity(
                            seen.pid(),
                            seen.start(),
                            ExecutionState.EXITED,
                            seen.user(),
                            seen.pidNamespace(),
                            seen.executable(),
                            seen.lineage()));
        }
    }

    private static final class ExaminedOnce extends Pin {

        private Observation<ProcessIdentity> first;

        ExaminedOnce(PinnedProcess real) {
            super(real);
        }

        @Override
        public Observation<ProcessIdentity> identity() {
            first = first == null ? real.identity() : first;
            return first;
        }
    }

    /** A pin that holds nothing: it is whoever has the pid when it is used. */
    private static final class ByPid extends Pin {

        private final ProcessTable table;

        ByPid(ProcessTable table, PinnedProcess real) {
            super(real);
            this.table = table;
        }

        @Override
        public List<SentSignal> requestExit() {
            if (!(table.pin(pid()) instanceof Observation.Seen<PinnedProcess> now)) {
                return real.requestExit();
            }
            PinnedProcess whoever = now.value();
            try {
                return whoever.requestExit();
            } finally {
                whoever.close();
            }
        }

        @Override
        public SentSignal forceExit() {
            if (!(table.pin(pid()) instanceof Observation.Seen<PinnedProcess> now)) {
                return real.forceExit();
            }
            PinnedProcess whoever = now.value();
            try {
                return whoever.forceExit();
            } finally {
                whoever.close();
            }
        }
    }

    /** Gives what it does not have. */
    private static final class NoLaunchLock implements LaunchLock {

        @Override
        public Watch request(Consumer<Observation<Hold>> reply) {
            reply.accept(Observation.seen(() -> {}));
            return () -> {};
        }

        @Override
        public Optional<Path> obstacle() {
            return Optional.empty();
        }

        @Override
        public Observation<String> probe() {
            return Observation.seen("not looked at");
        }
    }
}
