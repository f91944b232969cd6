package io.relaunchguard.statemachine.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.relaunchguard.core.Observation;
import io.relaunchguard.core.consent.MarkerReading;
import io.relaunchguard.core.launch.LaunchListener;
import io.relaunchguard.core.launch.LaunchPolicy;
import io.relaunchguard.core.launch.LaunchReport;
import io.relaunchguard.core.launch.Outcome;
import io.relaunchguard.core.process.SentSignal;
import io.relaunchguard.core.process.Signal;
import io.relaunchguard.core.safety.Verdict;
import io.relaunchguard.statemachine.world.CallHook;
import io.relaunchguard.statemachine.world.Port;
import io.relaunchguard.statemachine.world.ReceivedSignal;
import io.relaunchguard.statemachine.world.Scenario;
import io.relaunchguard.statemachine.world.World;
import io.relaunchguard.statemachine.world.World.LaunchLockOwner;
import io.relaunchguard.statemachine.world.WorldProcess;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The adversarial exploration: before every call of a port the world may make one of its moves. Every placing of up to
 * {@code relaunch-guard.exploration.depth} moves is run, on the real launch and the real predicates; what was told to the
 * launch and the state of the world name a state, and a state is gone on from only once.
 */
@Tag("H01")
@Tag("H02")
class ExplorationTest {

    private static final int DEPTH = Integer.getInteger("relaunch-guard.exploration.depth", 1);
    private static final int RANDOM_RUNS = Integer.getInteger("relaunch-guard.exploration.random", 500);
    private static final Logger JOURNAL = Logger.getLogger(Journal.class.getName());

    /**
     * What the ports cannot tell apart: between the look that proves a lock stale and its removal, the dead holder's pid is
     * taken by a new instance, which writes the very same lock. Pids wrap around before that can happen.
     */
    private static final String SAME_LOCK_AGAIN = "the lock of a live process was removed";

    /** What the world may do. */
    private enum Move {
        HOLDER_EXITS {
            @Override
            boolean applies(World world) {
                return holder(world).isPresent();
            }

            @Override
            void make(World world) {
                world.exit(holder(world).orElseThrow());
            }
        },
        HOLDER_BECOMES_A_ZOMBIE {
            @Override
            boolean applies(World world) {
                return holder(world).isPresent();
            }

            @Override
            void make(World world) {
                WorldProcess holder = holder(world).orElseThrow();
                holder.staysZombie = true;
                world.exit(holder);
            }
        },
        AN_INNOCENT_TAKES_ITS_PID {
            @Override
            boolean applies(World world) {
                return old(world).isPresent();
            }

            @Override
            void make(World world) {
                world.recycle(old(world).orElseThrow());
            }
        },
        A_HEALTHY_INSTANCE_TAKES_ITS_PID_AND_THE_LOCK {
            @Override
            boolean applies(World world) {
                return old(world).isPresent();
            }

            @Override
            void make(World world) {
                world.lockNames(world.recycle(old(world).orElseThrow()));
            }
        },
        A_HEALTHY_INSTANCE_TAKES_THE_LOCK {
            @Override
            boolean applies(World world) {
                return world.at(300).isEmpty();
            }

            @Override
            void make(World world) {
                world.lockNames(world.process(300));
            }
        },
        THE_LOCK_IS_REMOVED {
            @Override
            boolean applies(World world) {
                return world.lock instanceof Observation.Seen;
            }

            @Override
            void make(World world) {
                world.removeLock();
            }
        },
        THE_LOCK_BECOMES_UNREADABLE {
            @Override
            void make(World world) {
                world.lockIs(Observation.unknown("it is a plain file"));
            }
        },
        THE_CONSENT_IS_WITHDRAWN {
            @Override
            boolean applies(World world) {
                return consented(world);
            }

            @Override
            void make(World world) {
                world.withdrawConsent();
            }
        },
        THE_MARKER_IS_TORN {
            @Override
            boolean applies(World world) {
                return consented(world);
            }

            @Override
            void make(World world) {
                if (world.claim instanceof MarkerReading.Valid) {
                    world.claim = new MarkerReading.Invalid("it is torn");
                } else {
                    world.marker = new MarkerReading.Invalid("it is torn");
                }
            }
        },
        A_RECORDED_INSTANCE_TAKES_THE_LOCK {
            @Override
            boolean applies(World world) {
                return world.at(300).isEmpty();
            }

            @Override
            void make(World world) {
                world.instance(world.process(300));
            }
        },
        THE_RECORD_IS_TORN {
            @Override
            boolean applies(World world) {
                return world.record instanceof Observation.Seen;
            }

            @Override
            void make(World world) {
                world.record = Observation.unknown("it is torn");
            }
        },
        THE_RECORD_IS_LOST {
            @Override
            boolean applies(World world) {
                return world.record instanceof Observation.Seen;
            }

            @Override
            void make(World world) {
                world.record = Observation.absent("there is no record");
            }
        },
        THE_HOST_IS_RENAMED {
            @Override
            void make(World world) {
                world.host = Observation.seen("laptop");
            }
        },
        THE_MACHINE_SLEEPS {
            @Override
            void make(World world) {
                world.suspend(Duration.ofMinutes(10));
            }
        },
        THE_WALL_CLOCK_STEPS {
            @Override
            void make(World world) {
                world.stepWallClock(Duration.ofDays(-1));
            }
        },
        THE_PORT_BREAKS {
            @Override
            void make(World world) {
                throw new NoClassDefFoundError("com/sun/jna/Native");
            }
        },
        THE_PORT_CANNOT_TELL {
            @Override
            void make(World world) {
                throw new CallHook.Unknown("permission denied");
            }
        };

        boolean applies(World world) {
            return true;
        }

        abstract void make(World world);

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
    }

    private record Step(int index, Move move) {}

    private record Choice(int index, Port port, String state, Set<Move> moves) {}

    /** One run along a path; where else it could have gone is in {@code choices}. */
    private static final class Run implements CallHook {

        private final World world;
        private final List<Step> path;
        private final List<Choice> choices = new ArrayList<>();
        private int made;
        private int signalsAtFault = -1;

        Run(World world, List<Step> path) {
            this.world = world;
            this.path = path;
            world.hook = this;
            world.namesStates = true;
        }

        @Override
        public void beforeCall(Port port, int index) {
            if (port.isTime() || !port.mayThrow() || port == Port.PIN_PID) {
                return;
            }
            if (made < path.size()) {
                Step step = path.get(made);
                if (step.index() == index) {
                    made++;
                    if (step.move() == Move.THE_PORT_BREAKS) {
                        signalsAtFault = signalsAtFault < 0 ? world.signals.size() : signalsAtFault;
                    }
                    step.move().make(world);
                }
                return;
            }
            EnumSet<Move> moves = EnumSet.noneOf(Move.class);
            for (Move move : Move.values()) {
                if (move.applies(world) && (move != Move.THE_PORT_CANNOT_TELL || port.canBeUnknown())) {
                    moves.add(move);
                }
            }
            choices.add(new Choice(index, port, world.stateName(), moves));
        }

        /** Everything that must hold, whatever the world did. */
        List<String> violations() {
            List<String> wrong = new ArrayList<>();
            SignalWatch watch = new SignalWatch();
            EndedLaunch ended =
                    new Launch(world.ports(), LaunchPolicy.DEFAULT, Verdict.ALL_PREDICATES, List.of(watch)).run();
            LaunchReport report = ended.report();
            boolean ready = report.outcome() == Outcome.READY;
            if (ready && !(world.lockWhenLastRead instanceof Observation.Absent)) {
                wrong.add("READY though the lock was last read as " + world.lockWhenLastRead);
            }
            if (ended.hold() != null) {
                expect(ready, "a permit without READY", wrong);
                ended.hold().close();
            }
            wrong.addAll(watch.wrong);
            wrong.addAll(world.violations);
            expect(world.open.isEmpty(), "left open: " + world.open, wrong);
            expect(count(Signal.TERM) <= 1 && count(Signal.KILL) <= 1, "signalled twice", wrong);
            expect(
                    world.elapsedMillis() <= LaunchPolicy.DEFAULT.total().toMillis(),
                    "took %d ms".formatted(world.elapsedMillis()),
                    wrong);
            expect(
                    signalsAtFault < 0
                            || world.signals.stream()
                                    .skip(signalsAtFault)
                                    .allMatch(signal -> signal.signal() == Signal.CONT),
                    "signalled after a fault",
                    wrong);
            expect(signalsAtFault < 0 || !report.faults().isEmpty(), "the fault is not told of", wrong);
            expect(
                    report.signals().stream()
                            .map(SentSignal::signal)
                            .toList()
                            .equals(world.signals.stream()
                                    .map(ReceivedSignal::signal)
                                    .toList()),
                    "the report tells of other signals",
                    wrong);
            expect(
                    Launches.states(report)
                            .get(report.timeline().size() - 1)
                            .name()
                            .equals(report.outcome().name()),
                    "the timeline ends elsewhere",
                    wrong);
            expect(world.launchLock != LaunchLockOwner.THIS_LAUNCHER, "the launch lock is still held", wrong);
            return wrong;
        }

        private long count(Signal wanted) {
            return world.signals.stream()
                    .filter(signal -> signal.signal() == wanted)
                    .count();
        }

        /** Looks at the receiver of each signal while the facts on which it was sent are still the last ones. */
        private final class SignalWatch implements LaunchListener {

            private final List<String> wrong = new ArrayList<>();

            @Override
            public void signalled(SentSignal sent) {
                ReceivedSignal signal = world.signals.get(world.signals.size() - 1);
                WorldProcess receiver = signal.receiver();
                if (receiver.hasFilesOpen && sent.signal() == Signal.CONT) {
                    return;
                }
                expect(receiver.consented, sent + " to one that never consented", wrong);
                expect(receiver != world.launcher, sent + " to ourselves", wrong);
                if (sent.signal() != Signal.CONT) {
                    expect(
                            world.holderWhenLastRead.filter(receiver::equals).isPresent() || !signal.reached(),
                            sent + " to one that was not the holder at the last look",
                            wrong);
                    expect(
                            world.consentWhenLastRead.filter(receiver::equals).isPresent() || !signal.reached(),
                            sent + " to one whose consent did not stand at the last look",
                            wrong);
                }
            }
        }
    }

    /** What was explored and found. */
    private static final class Findings {

        private final Set<String> states = new HashSet<>();
        private final Set<String> counterExamples = new TreeSet<>();
        private long paths;
        private long assumed;

        void run(Scenario scenario, Run run) {
            paths++;
            for (String violation : run.violations()) {
                if (violation.startsWith(SAME_LOCK_AGAIN) && isSameLockAgain(run)) {
                    assumed++;
                } else {
                    counterExamples.add(violation + " <- " + scenario + " " + run.path);
                }
            }
        }

        private static boolean isSameLockAgain(Run run) {
            return run.path.stream()
                    .anyMatch(step -> step.move() == Move.A_HEALTHY_INSTANCE_TAKES_ITS_PID_AND_THE_LOCK
                            || step.move() == Move.AN_INNOCENT_TAKES_ITS_PID);
        }

        void explore(Scenario scenario, List<Step> path, int depth) {
            Run run = new Run(scenario.world(), path);
            run(scenario, run);
            for (Choice choice : run.choices) {
                if (!states.add(depth + choice.port().name() + choice.state()) || depth == 0) {
                    continue;
                }
                for (Move move : choice.moves()) {
                    List<Step> longer = new ArrayList<>(path);
                    longer.add(new Step(choice.index(), move));
                    explore(scenario, longer, depth - 1);
                }
            }
        }
    }

    @BeforeAll
    static void beQuiet() {
        JOURNAL.setLevel(Level.OFF);
    }

    @AfterAll
    static void speakAgain() {
        JOURNAL.setLevel(null);
    }

    @ParameterizedTest
    @EnumSource
    void noPlacingOfTheWorldsMovesBreaksAnInvariant(Scenario scenario) {
        Findings findings = new Findings();
        findings.explore(scenario, List.of(), DEPTH);
        print(scenario + ", exhaustive to depth " + DEPTH, findings);
        assertThat(findings.counterExamples).isEmpty();
    }

    @Test
    void noRandomWalkBreaksAnInvariant() {
        long seed = Long.getLong("relaunch-guard.exploration.seed", System.nanoTime());
        Random random = new Random(seed);
        Findings findings = new Findings();
        List<Scenario> scenarios = List.of(Scenario.values());
        for (int i = 0; i < RANDOM_RUNS; i++) {
            Scenario scenario = scenarios.get(random.nextInt(scenarios.size()));
            List<Step> path = List.of();
            for (int moves = 1 + random.nextInt(6); moves > 0; moves--) {
                Run run = new Run(scenario.world(), path);
                findings.run(scenario, run);
                if (run.choices.isEmpty()) {
                    break;
                }
                Choice choice = run.choices.get(random.nextInt(run.choices.size()));
                List<Move> possible = List.copyOf(choice.moves());
                path = new ArrayList<>(path);
                path.add(new Step(choice.index(), possible.get(random.nextInt(possible.size()))));
            }
            findings.run(scenario, new Run(scenario.world(), path));
        }
        print("random, seed " + seed, findings);
        assertThat(findings.counterExamples).as("seed %d", seed).isEmpty();
    }

    private static void print(String what, Findings findings) {
        System.out.printf(
                "exploration: %s: %d paths, %d states, %d counter-examples, %d under the assumption%n",
                what, findings.paths, findings.states.size(), findings.counterExamples.size(), findings.assumed);
    }

    private static void expect(boolean condition, String otherwise, List<String> wrong) {
        if (!condition) {
            wrong.add(otherwise);
        }
    }
}
