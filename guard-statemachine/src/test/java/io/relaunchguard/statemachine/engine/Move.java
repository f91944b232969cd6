package io.relaunchguard.statemachine.engine;

import io.relaunchguard.core.Observation;
import io.relaunchguard.core.consent.ConsentMarker;
import io.relaunchguard.core.consent.MarkerReading;
import io.relaunchguard.core.lock.SingletonLock;
import io.relaunchguard.statemachine.world.CallHook;
import io.relaunchguard.statemachine.world.Port;
import io.relaunchguard.statemachine.world.Scenario;
import io.relaunchguard.statemachine.world.World;
import io.relaunchguard.statemachine.world.World.LaunchLockOwner;
import io.relaunchguard.statemachine.world.WorldProcess;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Predicate;

/**
 * What the world may do before a call of a port. A move is only placed before calls at which it can make a difference: one that
 * is seen by no call until a later one is the same as if it were made before that one.
 */
enum Move {
    HOLDER_EXITS(
            Seen.ALWAYS,
            world -> holder(world).isPresent(),
            world -> world.exit(holder(world).orElseThrow())),
    HOLDER_BECOMES_A_ZOMBIE(Seen.ALWAYS, world -> holder(world).isPresent(), world -> {
        WorldProcess holder = holder(world).orElseThrow();
        holder.staysZombie = true;
        world.exit(holder);
    }),
    HOLDER_CHANGES_ITS_USER(
            Seen.BY_PROCESSES,
            world -> holder(world).isPresent(),
            world -> holder(world).orElseThrow().user = Observation.seen("0")),
    AN_INNOCENT_TAKES_ITS_PID(
            Seen.ALWAYS,
            world -> old(world).isPresent(),
            world -> world.recycle(old(world).orElseThrow())),
    A_NEW_INSTANCE_TAKES_ITS_PID_AND_THE_LOCK(
            Seen.ALWAYS,
            world -> old(world).isPresent(),
            world -> world.lockNames(world.recycle(old(world).orElseThrow()))),
    A_NEW_INSTANCE_TAKES_THE_LOCK(
            Seen.BY_LOCK, world -> world.at(300).isEmpty(), world -> world.lockNames(world.process(300))),
    A_NEW_INSTANCE_TAKES_THE_LOCK_AND_CONSENTS(
            Seen.BY_LOCK, world -> world.at(300).isEmpty(), world -> {
                WorldProcess other = world.process(300);
                world.lockNames(other);
                world.consent(other);
            }),
    THE_LOCK_IS_REMOVED(Seen.BY_LOCK, world -> world.lock instanceof Observation.Seen, World::removeLock),
    THE_LOCK_COMES_BACK(
            Seen.BY_LOCK,
            world -> world.lock instanceof Observation.Absent && holder(world).isPresent(),
            world -> world.lockNames(holder(world).orElseThrow())),
    THE_LOCK_NAMES_ANOTHER_HOST(
            Seen.BY_LOCK,
            world -> true,
            world -> world.lockIs(Observation.seen(new SingletonLock("elsewhere", Scenario.HOLDER)))),
    THE_LOCK_BECOMES_UNREADABLE(
            Seen.BY_LOCK, world -> true, world -> world.lockIs(Observation.unknown("it is a plain file"))),
    THE_CONSENT_IS_WITHDRAWN(Seen.BY_MARKER, Move::consented, World::withdrawConsent),
    THE_HOLDER_SAYS_THAT_IT_CLOSES(
            Seen.BY_CLOSING,
            world -> holder(world).isPresent(),
            world -> world.closes(holder(world).orElseThrow(), Duration.ofHours(1))),
    THE_MARKER_IS_TORN(
            Seen.BY_MARKER, Move::consented, world -> replaceMarker(world, new MarkerReading.Invalid("it is torn"))),
    ANOTHER_PROCESS_CONSENTS(Seen.BY_MARKER, world -> world.at(400).isEmpty(), world -> {
        WorldProcess other = world.process(400);
        boolean claimed = world.claim instanceof MarkerReading.Valid;
        world.consent(other);
        if (claimed) {
            world.claim = world.marker;
            world.marker = new MarkerReading.Absent();
        }
    }),
    THE_MARKER_IS_OF_AN_EARLIER_BOOT(
            Seen.BY_MARKER, Move::consented, world -> changeMarker(world, Field.BOOT, "boot-0")),
    THE_MARKER_IS_OF_ANOTHER_HOST(
            Seen.BY_MARKER, Move::consented, world -> changeMarker(world, Field.HOST, "elsewhere")),
    THE_MARKER_IS_OF_ANOTHER_MACHINE(
            Seen.BY_MARKER, Move::consented, world -> changeMarker(world, Field.MACHINE, "machine-2")),
    THE_MARKER_IS_OF_ANOTHER_NAMESPACE(
            Seen.BY_MARKER, Move::consented, world -> changeMarker(world, Field.NAMESPACE, "pid:[4026532000]")),
    THE_MARKER_IS_OF_ANOTHER_USER(Seen.BY_MARKER, Move::consented, world -> changeMarker(world, Field.USER, "0")),
    THE_MARKER_IS_OF_ANOTHER_PROFILE(
            Seen.BY_MARKER, Move::consented, world -> changeMarker(world, Field.PROFILE, "dev 1 inode 5")),
    THE_MARKER_IS_OF_AN_EARLIER_PROCESS(
            Seen.BY_MARKER, Move::consented, world -> changeMarker(world, Field.START, "start-0")),
    THE_MARKER_IS_FROM_THE_FUTURE(
            Seen.BY_MARKER, Move::consented, world -> changeMarker(world, Field.WRITTEN, "9000000")),
    THE_HOLDER_IS_HIDDEN(Seen.BY_PROCESSES, world -> holder(world).isPresent(), world -> {
        holder(world).orElseThrow().denied = true;
        world.seesOnlySome();
    }),
    /** Of the launcher from its beginning on: a process stays in its time namespace. */
    STARTS_ARE_READ_IN_ANOTHER_TIME_NAMESPACE(Seen.BY_HOST_AND_PROCESSES, Move::nothingWasReadOfProcesses, world -> {
        world.timeNamespace = Observation.seen("time:[4026532999]");
        world.startShift = "+9";
    }),
    AN_INSTANCE_THAT_WAS_LET_THROUGH_MAKES_NO_LOCK(
            Seen.BY_RECORD, world -> world.at(300).isEmpty(), world -> world.letThrough(world.process(300))),
    A_LAUNCH_LOCK_IS_DROPPED_AFTER_ITS_OWNER_WAS_LET_THROUGH(
            Seen.BY_LAUNCH_LOCK,
            world ->
                    world.launchLock == LaunchLockOwner.ANOTHER && world.at(300).isEmpty(),
            world -> {
                world.letThrough(world.process(300));
                world.anotherLauncherEnds();
            }),
    A_RECORDED_INSTANCE_TAKES_THE_LOCK(
            Seen.BY_LOCK, world -> world.at(300).isEmpty(), world -> world.instance(world.process(300))),
    THE_RECORD_IS_TORN(
            Seen.BY_RECORD,
            world -> world.record instanceof Observation.Seen,
            world -> world.record = Observation.unknown("it is torn")),
    THE_RECORD_IS_LOST(
            Seen.BY_RECORD,
            world -> world.record instanceof Observation.Seen,
            world -> world.record = Observation.absent("there is no record")),
    THE_KEEPER_OF_THE_LIFE_LOCK_ENDS(
            Seen.BY_LIFE_LOCK, world -> world.lifeLockIsFree.is(false), World::keeperOfTheLifeLockEnds),
    AN_INSTANCE_IN_A_CONTAINER_TAKES_THE_LOCK(
            Seen.BY_LOCK, world -> !world.lifeLockIsFree.is(false), World::instanceInAContainer),
    THE_HOST_IS_RENAMED(Seen.BY_HOST, world -> true, world -> world.host = Observation.seen("laptop")),
    THE_PROFILE_IS_A_COPY(Seen.BY_PROFILE, world -> true, world -> world.profile = Observation.seen("dev 1 inode 9")),
    THE_MACHINE_SLEEPS(Seen.BY_CLOCK, world -> true, world -> world.suspend(Duration.ofMinutes(10))),
    THE_WALL_CLOCK_STEPS(Seen.BY_WAITING, world -> true, world -> world.stepWallClock(Duration.ofDays(-1))),
    ANOTHER_LAUNCHER_APPEARS(
            Seen.BY_LAUNCH_LOCK,
            world -> world.launchLock == LaunchLockOwner.NOBODY,
            world -> world.launchLock = LaunchLockOwner.ANOTHER),
    ANOTHER_LAUNCHER_ENDS(
            Seen.BY_LAUNCH_LOCK, world -> world.launchLock == LaunchLockOwner.ANOTHER, World::anotherLauncherEnds),
    THE_LAUNCH_LOCK_BREAKS(
            Seen.BY_LAUNCH_LOCK,
            world -> world.launchLock == LaunchLockOwner.NOBODY,
            world -> world.launchLock = LaunchLockOwner.BROKEN),
    /** Also after the call had its effect; see {@link Step#afterEffect}. */
    THE_PORT_BREAKS(Seen.ALWAYS, world -> true, world -> {
        throw new NoClassDefFoundError("com/sun/jna/Native");
    }),
    THE_PORT_CANNOT_TELL(Seen.WHERE_IT_CAN_BE_ANSWERED, world -> true, world -> {
        throw new CallHook.Unknown("permission denied");
    }),
    /** Also after the call had its effect. Nothing that it calls from then on does anything; then there is another launch. */
    OUR_LAUNCHER_IS_KILLED(Seen.ALWAYS, world -> true, world -> {
        world.launcherIsKilled();
        throw new LauncherKilled();
    }),
    /** Made by the run, which knows the launch. */
    OUR_LAUNCH_IS_ABANDONED(Seen.ALWAYS, world -> true, world -> {}),
    OUR_THREAD_IS_INTERRUPTED(
            Seen.BY_WAITING, world -> true, world -> Thread.currentThread().interrupt());

    /** What keeps a killed launcher from doing anything more. */
    static final class LauncherKilled extends Error {

        private static final long serialVersionUID = 1L;

        LauncherKilled() {
            super("killed", null, false, false);
        }
    }

    /** One move, before the call with this index, or, where it breaks the port, after the call's effect. */
    record Step(int index, Move move, boolean afterEffect) {

        static Step parse(String text) {
            String[] parts = text.split(":", 2);
            boolean after = parts[0].endsWith("+");
            int index = Integer.parseInt(after ? parts[0].substring(0, parts[0].length() - 1) : parts[0]);
            return new Step(index, Move.valueOf(parts[1]), after);
        }

        @Override
        public String toString() {
            return index + (afterEffect ? "+" : "") + ":" + move;
        }
    }

    // Lambdas without state are immutable, though their types cannot say so.
    @SuppressWarnings("ImmutableEnumChecker")
    private final Predicate<World> possible;

    @SuppressWarnings("ImmutableEnumChecker")
    private final Consumer<World> effect;

    private final Seen seen;

    Move(Seen seen, Predicate<World> possible, Consumer<World> effect) {
        this.seen = seen;
        this.possible = possible;
        this.effect = effect;
    }

    /** Whether the world can make it, and it can make a difference before this call. */
    boolean applies(World world, Port port) {
        return seen.at(world, port) && possible.test(world);
    }

    void make(World world) {
        effect.accept(world);
    }

    /** The holder of the beginning, if it is alive, whatever the lock names now. */
    private static Optional<WorldProcess> holder(World world) {
        return world.at(Scenario.HOLDER).filter(WorldProcess::isAlive);
    }

    /** The process that had the pid from the beginning. */
    private static Optional<WorldProcess> old(World world) {
        return world.at(Scenario.HOLDER).filter(process -> process.consented);
    }

    private static boolean consented(World world) {
        return world.claim instanceof MarkerReading.Valid || world.marker instanceof MarkerReading.Valid;
    }

    /** Before the call that is about to be answered. */
    private static boolean nothingWasReadOfProcesses(World world) {
        return world.startShift.isEmpty()
                && world.calls.stream()
                                .filter(Seen.BY_HOST_AND_PROCESSES.ports::contains)
                                .filter(port -> !port.isTime())
                                .count()
                        <= 1;
    }

    private static void replaceMarker(World world, MarkerReading now) {
        if (world.claim instanceof MarkerReading.Valid) {
            world.claim = now;
        } else {
            world.marker = now;
        }
    }

    private static void changeMarker(World world, Field field, String value) {
        MarkerReading there = world.claim instanceof MarkerReading.Valid ? world.claim : world.marker;
        MarkerReading.Valid valid = (MarkerReading.Valid) there;
        replaceMarker(world, new MarkerReading.Valid(field.set(valid.marker(), value), valid.asked()));
    }

    /** A field of the marker that a move changes. */
    private enum Field {
        START,
        BOOT,
        HOST,
        MACHINE,
        NAMESPACE,
        USER,
        PROFILE,
        WRITTEN;

        ConsentMarker set(ConsentMarker marker, String value) {
            return new ConsentMarker(
                    marker.pid(),
                    this == START ? value : marker.start(),
                    this == BOOT ? value : marker.bootId(),
                    this == HOST ? value : marker.host(),
                    this == MACHINE ? value : marker.machineId(),
                    this == NAMESPACE ? value : marker.pidNamespace(),
                    this == USER ? value : marker.user(),
                    this == PROFILE ? value : marker.profile(),
                    marker.executable(),
                    marker.fromVersion(),
                    marker.toVersion(),
                    marker.nonce(),
                    this == WRITTEN ? Duration.ofSeconds(Long.parseLong(value)) : marker.written(),
                    marker.writtenAt(),
                    marker.deadline());
        }
    }

    /** Which calls tell the launch of a change, or pass time, which the invariants reckon with. */
    private enum Seen {
        ALWAYS,
        WHERE_IT_CAN_BE_ANSWERED,
        BY_PROCESSES(Port.PIN, Port.LOOK, Port.PIN_IDENTITY),
        BY_LOCK(Port.LOCK_READ, Port.LOCK_REMOVE),
        BY_MARKER(Port.MARKER_CLAIM, Port.MARKER_PEEK, Port.MARKER_READ_CLAIM, Port.MARKER_NOTE_REQUEST),
        BY_CLOSING(Port.CLOSING_READ),
        BY_RECORD(Port.RECORD_READ),
        BY_HOST_AND_PROCESSES(Port.HOST_READ, Port.PIN, Port.LOOK, Port.PIN_IDENTITY),
        BY_LIFE_LOCK(Port.LIFE_LOCK_PROBE),
        BY_PROFILE(Port.PROFILE_IDENTITY),
        BY_HOST(Port.HOST_READ),
        BY_CLOCK(Port.HOST_READ, Port.PIN_IDENTITY, Port.PIN_ACTIVITY),
        BY_LAUNCH_LOCK(Port.LAUNCH_LOCK_REQUEST, Port.LAUNCH_LOCK_PROBE),
        BY_WAITING;

        // Never changed once it is made, though its type cannot say so.
        @SuppressWarnings("ImmutableEnumChecker")
        private final Set<Port> ports = EnumSet.of(Port.CLOCK_POLL);

        Seen(Port... ports) {
            this.ports.addAll(Set.of(ports));
        }

        boolean at(World world, Port port) {
            return switch (this) {
                case ALWAYS -> true;
                case WHERE_IT_CAN_BE_ANSWERED -> port.canBeUnknown();
                // A watch tells of the change at once, and what it says has a place in the queue.
                case BY_LOCK -> ports.contains(port) || world.isWatched();
                default -> ports.contains(port);
            };
        }
    }
}
