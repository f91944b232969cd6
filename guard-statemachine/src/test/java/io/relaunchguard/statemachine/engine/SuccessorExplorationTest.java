package io.relaunchguard.statemachine.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.relaunchguard.core.Observation;
import io.relaunchguard.core.consent.MarkerReading;
import io.relaunchguard.core.launch.LaunchPolicy;
import io.relaunchguard.core.launch.Outcome;
import io.relaunchguard.core.launch.ProfilePorts;
import io.relaunchguard.core.process.Signal;
import io.relaunchguard.core.safety.Verdict;
import io.relaunchguard.core.successor.Successor;
import io.relaunchguard.statemachine.HandoffResult;
import io.relaunchguard.statemachine.Outgoing;
import io.relaunchguard.statemachine.world.Scenario;
import io.relaunchguard.statemachine.world.Turns;
import io.relaunchguard.statemachine.world.World;
import io.relaunchguard.statemachine.world.World.LaunchLockOwner;
import io.relaunchguard.statemachine.world.WorldProcess;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The exploration's third actor: an outgoing process that waits for the claim and a successor that launches, both real, in one
 * world, in every order in which one of them gives way once; and the successor killed before each of its calls. At every end at
 * least one instance lives, and never two have the profile.
 */
@Tag("H34")
@Tag("long")
class SuccessorExplorationTest {

    private static final Duration DEADLINE = Duration.ofSeconds(10);

    /** What becomes of the successor. */
    enum Comes {
        MISSING,
        NOT_EXECUTABLE,
        WITHOUT_ITS_CLASS,
        HANGING,
        AT_ONCE(0),
        SLOW(3000),
        AT_THE_DEADLINE(10_000),
        TOO_LATE(12_000);

        private final long millis;

        Comes() {
            this(-1);
        }

        Comes(long millis) {
            this.millis = millis;
        }
    }

    /** What the outgoing process does once the consent is claimed. */
    enum Goes {
        AT_ONCE(0),
        AFTER_A_QUESTION_TO_ITS_USER(300),
        NEVER(0);

        private final long thinks;

        Goes(long thinks) {
            this.thinks = thinks;
        }
    }

    @ParameterizedTest
    @EnumSource
    void atEveryEndAnInstanceIsAlive(Comes comes) {
        int runs = 0;
        for (Goes goes : Goes.values()) {
            Run plain = new Run(comes, goes, UnaryOperator.identity());
            assertThat(plain.wrong()).as("%s %s", comes, goes).isEmpty();
            for (int outgoing = -1; outgoing < plain.turns.first.calls.size(); outgoing++) {
                for (int successor = -1; successor < plain.turns.second.calls.size(); successor++) {
                    Run run = new Run(comes, goes, UnaryOperator.identity());
                    run.turns.first.giveWayBefore(outgoing);
                    run.turns.second.giveWayBefore(successor);
                    runs++;
                    assertThat(run.wrong())
                            .as("%s %s, giving way before %d and %d", comes, goes, outgoing, successor)
                            .isEmpty();
                }
            }
        }
        System.out.printf("exploration: successor %s: %d runs%n", comes, runs);
    }

    @ParameterizedTest
    @EnumSource(names = {"AT_ONCE", "SLOW", "AT_THE_DEADLINE", "TOO_LATE"})
    void whereverTheSuccessorIsKilledTheOldInstanceLivesUnlessItHadBegunToEnd(Comes comes) {
        int runs = 0;
        int left = 0;
        for (Goes goes : Goes.values()) {
            Run plain = new Run(comes, goes, UnaryOperator.identity());
            plain.wrong();
            for (int killed = 0; killed < plain.turns.second.calls.size(); killed++) {
                for (int outgoing = -1; outgoing < plain.turns.first.calls.size(); outgoing++) {
                    Run run = new Run(comes, goes, UnaryOperator.identity());
                    run.turns.first.giveWayBefore(outgoing);
                    run.turns.second.dieBefore(killed);
                    runs++;
                    assertThat(run.wrong())
                            .as("%s %s, killed before %d, giving way before %d", comes, goes, killed, outgoing)
                            .isEmpty();
                    left += run.nobodyIsLeft() ? 1 : 0;
                }
            }
        }
        System.out.printf(
                "exploration: successor %s, killed: %d runs, in %d it was killed when the old one had begun to end%n",
                comes, runs, left);
    }

    /** What it was before anybody waited for a claim, and a withdrawal that does not look at the stage. */
    @Test
    void bites() {
        assertThat(violationsWhenKilled(ports -> ports, true)).contains("nobody is left");
        assertThat(violationsWhenKilled(Skipped::withdrawingWithoutEffect, false))
                .contains("it goes on, and its consent stands");
    }

    private static List<String> violationsWhenKilled(UnaryOperator<ProfilePorts> seeded, boolean believesAnything) {
        List<String> wrong = new ArrayList<>();
        Run plain = new Run(Comes.AT_ONCE, Goes.AT_ONCE, seeded);
        plain.believesAnything = believesAnything;
        plain.wrong();
        for (int killed = 0; killed < plain.turns.second.calls.size(); killed++) {
            Run run = new Run(Comes.AT_ONCE, Goes.AT_ONCE, seeded);
            run.believesAnything = believesAnything;
            run.turns.second.dieBefore(killed);
            wrong.addAll(run.wrong());
        }
        return wrong;
    }

    /** One handover. */
    private static final class Run implements Successor {

        final Turns turns;
        boolean believesAnything;

        private final World world = new World();
        private final WorldProcess old = Scenario.consenting(world);
        private final Comes comes;
        private final Goes goes;
        private final UnaryOperator<ProfilePorts> seeded;
        private final Outgoing outgoing;
        private final String nonce;
        private final List<String> wrong = new ArrayList<>();
        private boolean isClosing;
        private boolean closesBlindly;
        private boolean goesOn;
        private boolean hadBegunToEnd;

        Run(Comes comes, Goes goes, UnaryOperator<ProfilePorts> seeded) {
            this.comes = comes;
            this.goes = goes;
            this.seeded = seeded;
            old.ignoresTerm = goes == Goes.NEVER;
            nonce = world.markerOf(old).nonce();
            turns = new Turns(world);
            outgoing = new Outgoing(seeded.apply(turns.first.ports()), nonce, DEADLINE);
        }

        List<String> wrong() {
            turns.onDeath(this::successorIsKilled);
            handOver();
            turns.finish();
            if (nobodyIsLeft() && !hadBegunToEnd) {
                wrong.add("nobody is left");
            }
            if (goesOn && (consentOf(world.marker) || consentOf(world.claim))) {
                wrong.add("it goes on, and its consent stands");
            }
            if (goesOn && world.signals.stream().anyMatch(signal -> signal.signal() != Signal.CONT)) {
                wrong.add("it goes on, and was signalled: " + world.signals);
            }
            wrong.addAll(world.violations);
            return wrong;
        }

        boolean nobodyIsLeft() {
            return !old.isAlive() && !world.launcher.isAlive();
        }

        private boolean consentOf(MarkerReading reading) {
            return reading instanceof MarkerReading.Valid valid
                    && valid.marker().nonce().equals(nonce);
        }

        private void handOver() {
            HandoffResult result = started();
            if (result instanceof HandoffResult.Claimed) {
                world.after(goes.thinks, this::close);
                if (outgoing.endsBeforeItAsks(this, () -> isClosing) && !isClosing) {
                    result = outgoing.ended(this);
                }
            }
            if (!(result instanceof HandoffResult.Claimed)) {
                goesOn = true;
            }
        }

        private HandoffResult started() {
            switch (comes) {
                case MISSING, NOT_EXECUTABLE -> {
                    world.exit(world.launcher);
                    return outgoing.notStarted();
                }
                case WITHOUT_ITS_CLASS -> world.after(100, () -> world.exit(world.launcher));
                case HANGING -> {}
                default -> world.after(comes.millis, () -> turns.begin(this::launch));
            }
            return believesAnything ? new HandoffResult.Claimed(pid()) : outgoing.await(this);
        }

        private void close() {
            if (goesOn) {
                return;
            }
            closesBlindly = consentOf(world.marker);
            isClosing = true;
            outgoing.changed();
            if (goes != Goes.NEVER) {
                world.after(200, () -> world.exit(old));
            }
        }

        private void launch() {
            EndedLaunch ended = new Launch(
                            seeded.apply(turns.second.ports()), LaunchPolicy.DEFAULT, Verdict.ALL_PREDICATES, List.of())
                    .run();
            if (!world.launcher.isAlive()) {
                return;
            }
            if (ended.report().outcome() != Outcome.READY) {
                world.exit(world.launcher);
            } else if (old.isAlive()) {
                wrong.add("two have the profile");
            }
        }

        private void successorIsKilled() {
            if (world.launcher.isAlive()) {
                hadBegunToEnd =
                        !closesBlindly && (isClosing || !old.isAlive() || !world.signals.isEmpty() || isAsked());
                if (world.launchLock == LaunchLockOwner.THIS_LAUNCHER) {
                    world.launchLock = LaunchLockOwner.NOBODY;
                }
                world.exit(world.launcher);
                world.profileChanged();
            }
        }

        /** It is noted that it is about to be asked: the outgoing process cannot tell that it never was. */
        private boolean isAsked() {
            return world.claim instanceof MarkerReading.Valid valid && valid.asked();
        }

        @Override
        public long pid() {
            return world.launcher.pid;
        }

        @Override
        public Observation<Integer> exitCode() {
            return Observation.unknown("nobody looked");
        }

        @Override
        public String errors() {
            return "";
        }
    }
}
