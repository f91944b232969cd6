package io.relaunchguard.statemachine.world;

import io.relaunchguard.core.Observation;
import io.relaunchguard.core.launch.Outcome;
import io.relaunchguard.core.lock.SingletonLock;
import io.relaunchguard.core.process.ExecutionState;
import io.relaunchguard.statemachine.world.World.LaunchLockOwner;
import java.time.Duration;
import java.util.function.Consumer;

/** Worlds that many tests start from. The holder, where there is one, has pid {@link #HOLDER}. */
public enum Scenario {
    NO_LOCK(Outcome.READY, world -> {}),
    MARKER_BUT_NO_LOCK(Outcome.READY, world -> {
        WorldProcess old = world.process(200);
        world.consent(old);
        world.exit(old);
    }),
    HEALTHY(Outcome.HELD, world -> world.lockNames(world.process(200))),
    STALE_LOCK(Outcome.READY, world -> {
        WorldProcess old = world.process(200);
        world.lockNames(old);
        world.exit(old);
    }),
    ZOMBIE(Outcome.READY, world -> {
        WorldProcess old = consenting(world);
        old.staysZombie = true;
        world.exit(old);
    }),
    FOREIGN_HOST(Outcome.HELD, world -> {
        consenting(world);
        world.lockIs(Observation.seen(new SingletonLock("elsewhere", 200)));
    }),
    HOST_RENAMED_AFTER_A_KILL(Outcome.READY, world -> {
        WorldProcess old = world.process(200);
        world.instance(old);
        world.exit(old);
        world.host = Observation.seen("laptop");
    }),
    HOST_RENAMED_WHILE_IT_RUNS(Outcome.HELD, world -> {
        world.instance(world.process(200));
        world.host = Observation.seen("laptop");
    }),
    PID_TAKEN_AFTER_AN_EARLIER_BOOT(Outcome.READY, world -> {
        world.instance(world.process(200));
        world.reboot();
        world.process(200).innocent = true;
    }),
    LOCK_OF_A_CONTAINER_THAT_RUNS(Outcome.HELD, World::instanceInAContainer),
    LOCK_OF_A_CONTAINER_THAT_IS_GONE(Outcome.READY, world -> {
        world.instanceInAContainer();
        world.lifeLockIsFree = Observation.seen(true);
    }),
    UNREADABLE_LOCK(Outcome.HELD, world -> world.lockIs(Observation.unknown("it is not a link"))),
    EXITS_IN_THE_GRACE(Outcome.READY, world -> {
        WorldProcess old = consenting(world);
        world.after(700, () -> world.exit(old));
    }),
    KEEPS_SAVING_FOR_A_WHILE(Outcome.READY, world -> {
        WorldProcess old = consenting(world);
        old.works = true;
        world.after(3000, () -> world.exit(old));
    }),
    WORKS_FOR_EVER(Outcome.READY, world -> consenting(world).works = true),
    OBEYS_TERM(Outcome.READY, world -> consenting(world).millisFromTermToExit = 300),
    CLOSES_SLOWLY(Outcome.READY, world -> {
        WorldProcess old = consenting(world);
        world.closes(old, Duration.ofSeconds(4));
        world.after(3500, () -> world.exit(old));
    }),
    SAYS_THAT_IT_CLOSES_FOR_EVER(Outcome.READY, world -> {
        WorldProcess old = wedged(world);
        world.closes(old, Duration.ofDays(1));
    }),
    CLOSES_WITHOUT_AN_UPDATE(Outcome.READY, world -> {
        WorldProcess old = world.process(200);
        world.lockNames(old);
        world.closes(old, Duration.ofSeconds(30));
        world.after(2500, () -> world.exit(old));
    }),
    NEVER_ENDS_ITS_CLOSE(Outcome.HELD, world -> {
        WorldProcess old = world.process(200);
        world.lockNames(old);
        world.closes(old, Duration.ofDays(1));
    }),
    STOPPED(Outcome.READY, world -> consenting(world).state = ExecutionState.STOPPED),
    WEDGED(Outcome.READY, world -> consenting(world).ignoresTerm = true),
    WEDGED_PARENT(Outcome.READY, world -> {
        WorldProcess old = consenting(world);
        old.ignoresTerm = true;
        world.launcher.parent = old;
    }),
    UNKILLABLE(Outcome.HELD, world -> {
        WorldProcess old = consenting(world);
        old.unkillable = true;
        old.state = ExecutionState.UNINTERRUPTIBLE;
    }),
    LOCK_GOES_BEFORE_ITS_HOLDER(Outcome.READY, world -> {
        WorldProcess old = consenting(world);
        world.after(500, world::removeLock);
        world.after(1500, () -> world.exit(old));
    }),
    LOCK_IS_GONE_AND_ITS_HOLDER_IS_ABOUT_TO(Outcome.READY, world -> {
        WorldProcess old = world.process(200);
        world.consent(old);
        world.after(1500, () -> world.exit(old));
    }),
    HELPER_LETS_GO(Outcome.READY, world -> {
        WorldProcess helper = helperOf(wedged(world), world, 201);
        world.after(4800, () -> world.exit(helper));
    }),
    HELPER_STAYS(Outcome.HELD, world -> helperOf(wedged(world), world, 201)),
    ANOTHER_LAUNCHER_ENDS(Outcome.READY, world -> {
        world.launchLock = LaunchLockOwner.ANOTHER;
        world.after(1000, world::anotherLauncherEnds);
    }),
    ANOTHER_LAUNCHER_STAYS(Outcome.HELD, world -> {
        wedged(world);
        world.launchLock = LaunchLockOwner.ANOTHER;
    }),
    NO_LAUNCH_LOCK_POSSIBLE(Outcome.READY, world -> world.launchLock = LaunchLockOwner.BROKEN),
    LOCK_NAMES_THE_LAUNCHER(Outcome.HELD, world -> {
        world.lockNames(world.launcher);
        world.consent(world.launcher);
    }),
    HOLDER_IS_A_CHILD_OF_THE_LAUNCHER(Outcome.HELD, world -> consenting(world).parent = world.launcher),
    HOLDER_OF_ANOTHER_USER(Outcome.HELD, world -> consenting(world).user = Observation.seen("0")),
    HOLDER_IN_ANOTHER_NAMESPACE(
            Outcome.HELD, world -> consenting(world).namespace = Observation.seen("pid:[4026532000]")),
    HOLDER_IN_A_SIBLING_SANDBOX(Outcome.HELD, world -> world.instanceInASiblingSandbox(world.process(200))),
    HOLDER_IS_HIDDEN(Outcome.HELD, world -> {
        WorldProcess other = world.process(200);
        world.lockNames(other);
        other.hidden = true;
        world.seesOnlySome();
    }),
    LET_THROUGH_WITHOUT_A_LOCK(Outcome.HELD, world -> world.letThrough(world.process(200))),
    /** As it looks from a container that has a boot id of its own. */
    LET_THROUGH_UNDER_ANOTHER_BOOT_ID(Outcome.HELD, world -> {
        world.letThrough(world.process(200));
        world.bootId = Observation.seen("boot-of-a-container");
        world.machineId = Observation.seen(World.ANOTHER_MACHINE);
    }),
    LET_THROUGH_WITHOUT_A_LOCK_AND_WEDGED(Outcome.READY, world -> {
        WorldProcess old = world.process(200);
        world.letThrough(old);
        world.consent(old);
        old.ignoresTerm = true;
    }),
    LETS_GO_OF_ITS_LOCK_BUT_NOT_OF_ITS_FILES(Outcome.HELD, world -> {
        WorldProcess old = world.process(200);
        world.consent(old);
        old.hasFilesOpen = true;
    }),
    STALE_LOCK_BUT_ITS_PID_IS_ALIVE_IN_A_CONTAINER(Outcome.HELD, world -> {
        WorldProcess old = consenting(world);
        world.exit(old);
        world.namesake = Observation.unknown("a process of another namespace has this pid there");
    });

    /** The pid of the holder. */
    public static final long HOLDER = 200;

    /** How it ends. */
    public final Outcome outcome;

    // A lambda without state is immutable, though its type cannot say so.
    @SuppressWarnings("ImmutableEnumChecker")
    private final Consumer<World> scene;

    Scenario(Outcome outcome, Consumer<World> scene) {
        this.outcome = outcome;
        this.scene = scene;
    }

    /** A new world in which it happens. */
    public World world() {
        World world = new World();
        scene.accept(world);
        return world;
    }

    /** A process that holds the lock and has consented. */
    public static WorldProcess consenting(World world) {
        WorldProcess old = world.process(HOLDER);
        world.lockNames(old);
        world.consent(old);
        return old;
    }

    /** The same, deaf to requests. */
    public static WorldProcess wedged(World world) {
        WorldProcess old = consenting(world);
        old.ignoresTerm = true;
        return old;
    }

    /** A child of the process that has files of the profile open. */
    public static WorldProcess helperOf(WorldProcess old, World world, long pid) {
        WorldProcess helper = world.child(old, pid);
        helper.hasFilesOpen = true;
        return helper;
    }
}
