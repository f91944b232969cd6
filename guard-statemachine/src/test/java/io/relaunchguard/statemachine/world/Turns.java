package io.relaunchguard.statemachine.world;

import io.relaunchguard.core.Observation;
import io.relaunchguard.core.launch.GuardClock;
import io.relaunchguard.core.launch.ProfilePorts;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Semaphore;

/**
 * Two programs in one world, each on a thread of its own, of which one runs at a time: until it waits, or has to give way before
 * one of its calls. Time passes only while both wait. So the same turns give the same run.
 */
public final class Turns {

    /** One of the two. */
    public final class Actor implements GuardClock {

        /** Its calls of ports, in order. */
        public final List<Port> calls = new ArrayList<>();

        private final Semaphore turn = new Semaphore(0);
        private int givesWayAt = -1;
        private int diesAt = -1;
        private boolean hasBegun;
        private boolean hasEnded;
        private BlockingQueue<?> waitsFor;
        private long waitsUntil;

        /** Lets the other go on, as far as it can, before this call. */
        public void giveWayBefore(int call) {
            givesWayAt = call;
        }

        /** Is killed before this call. */
        public void dieBefore(int call) {
            diesAt = call;
        }

        /** The ports of the world, with this one's waits. */
        public ProfilePorts ports() {
            ProfilePorts ports = world.ports();
            return new ProfilePorts(
                    ports.profile(),
                    ports.host(),
                    ports.processes(),
                    ports.lock(),
                    ports.instances(),
                    ports.markers(),
                    ports.launchLock(),
                    ports.history(),
                    ports.threadDumps(),
                    this);
        }

        @Override
        public long nanoTime() {
            return world.nanoTime();
        }

        @Override
        public Observation<Duration> sinceBoot() {
            return Observation.seen(world.sinceBoot());
        }

        @Override
        public Instant now() {
            return world.wall();
        }

        @Override
        public <T> T poll(BlockingQueue<T> queue, long deadline) {
            about(Port.CLOCK_POLL);
            waitsFor = queue;
            waitsUntil = deadline;
            while (queue.isEmpty() && deadline - world.nanoTime() > 0) {
                if (other().canRun()) {
                    giveTurn();
                } else {
                    long otherUntil = other().waitsFor == null ? deadline : other().waitsUntil;
                    world.runOn(Math.min(deadline, otherUntil));
                }
            }
            waitsFor = null;
            return queue.poll();
        }

        private boolean canRun() {
            return hasBegun
                    && !hasEnded
                    && (waitsFor == null || !waitsFor.isEmpty() || waitsUntil - world.nanoTime() <= 0);
        }

        private void about(Port port) {
            int call = calls.size();
            calls.add(port);
            if (diesAt >= 0 && call >= diesAt) {
                onDeath.run();
                throw new Killed();
            }
            if (call == givesWayAt && other().canRun()) {
                giveTurn();
            }
        }

        private void giveTurn() {
            other().turn.release();
            turn.acquireUninterruptibly();
        }

        private Actor other() {
            return this == first ? second : first;
        }
    }

    /** What keeps a killed program from doing anything more. */
    public static final class Killed extends Error {

        private static final long serialVersionUID = 1L;

        Killed() {
            super("killed", null, false, false);
        }
    }

    /** Whoever watches the directory is told of them. */
    private static final Set<Port> RENAMES =
            EnumSet.of(Port.MARKER_CLAIM, Port.MARKER_NOTE_REQUEST, Port.MARKER_DISCARD_CLAIM);

    public final Actor first = new Actor();
    public final Actor second = new Actor();

    private final World world;
    private Runnable onDeath = () -> {};
    private Thread secondThread;

    /** In this world; whoever runs first is on the calling thread. */
    public Turns(World world) {
        this.world = world;
        first.hasBegun = true;
        world.hook = new CallHook() {
            @Override
            public void beforeCall(Port port, int index) {
                (Thread.currentThread() == secondThread ? second : first).about(port);
            }

            @Override
            public void afterCall(Port port, int index) {
                if (RENAMES.contains(port)) {
                    world.profileChanged();
                }
            }
        };
    }

    /** What happens when the second is killed. */
    public void onDeath(Runnable action) {
        onDeath = action;
    }

    /** Begins the second; it runs once the first waits or gives way. */
    public void begin(Runnable program) {
        second.hasBegun = true;
        secondThread = new Thread(
                () -> {
                    second.turn.acquireUninterruptibly();
                    try {
                        program.run();
                    } catch (Killed e) {
                        // Nobody hears of that.
                    } finally {
                        second.hasEnded = true;
                        first.turn.release();
                    }
                },
                "second");
        secondThread.setDaemon(true);
        secondThread.start();
    }

    /** The first has ended: the second runs to its end, and the world for another minute. */
    public void finish() {
        first.hasEnded = true;
        while (second.hasBegun && !second.hasEnded) {
            second.turn.release();
            first.turn.acquireUninterruptibly();
        }
        long until = world.nanoTime() + Duration.ofMinutes(1).toNanos();
        while (world.nanoTime() < until) {
            world.runOn(until);
        }
        // The second may begin yet.
        if (second.hasBegun && !second.hasEnded) {
            finish();
        }
    }
}
