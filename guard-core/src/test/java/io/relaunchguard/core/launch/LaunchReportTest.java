package io.relaunchguard.core.launch;

import static org.assertj.core.api.Assertions.assertThat;

import io.relaunchguard.core.Observation;
import io.relaunchguard.core.consent.MarkerReading;
import io.relaunchguard.core.lifecycle.LifecycleState;
import io.relaunchguard.core.lifecycle.LifecycleTable;
import io.relaunchguard.core.lifecycle.Transition;
import io.relaunchguard.core.process.SentSignal;
import io.relaunchguard.core.process.Signal;
import io.relaunchguard.core.safety.Facts;
import io.relaunchguard.core.safety.SafetyFacts;
import io.relaunchguard.core.safety.Verdict;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

class LaunchReportTest {

    @Test
    void keepsItsOwnCopies() {
        List<StateVisit> timeline =
                new ArrayList<>(List.of(new StateVisit(LifecycleState.READY, Instant.EPOCH, Duration.ZERO)));
        List<Transition> transitions = new ArrayList<>(LifecycleTable.TRANSITIONS);
        List<SentSignal> signals =
                new ArrayList<>(List.of(new SentSignal(Signal.TERM, 4711, SentSignal.Result.DELIVERED, "")));
        List<Long> survivors = new ArrayList<>(List.of(4712L));
        List<String> faults = new ArrayList<>(List.of("no libc"));

        LaunchReport report = new LaunchReport(
                Outcome.READY,
                Optional.empty(),
                Observation.absent("no lock"),
                Observation.absent("no lock"),
                Observation.absent("no holder"),
                timeline,
                transitions,
                signals,
                survivors,
                faults,
                Optional.empty(),
                new UpdateEffect.None(),
                "No other process holds the profile.",
                "");
        List.of(timeline, transitions, signals, survivors, faults).forEach(List::clear);

        assertThat(report.timeline()).hasSize(1).isUnmodifiable();
        assertThat(report.transitions()).isEqualTo(LifecycleTable.TRANSITIONS).isUnmodifiable();
        assertThat(report.signals()).hasSize(1).isUnmodifiable();
        assertThat(report.survivors()).containsExactly(4712L).isUnmodifiable();
        assertThat(report.faults()).containsExactly("no libc").isUnmodifiable();
    }

    @Test
    void aHeldProfileOfALiveProcessThatWasNotAskedToGoIsASecondStart() {
        SafetyFacts unasked = Facts.consentingBut(facts -> facts.insteadOfConsent = new MarkerReading.Absent());

        assertThat(judged(Outcome.HELD, unasked).isSecondStart()).isTrue();
        assertThat(judged(Outcome.READY, unasked).isSecondStart()).isFalse();
        assertThat(judged(Outcome.HELD, Facts.consenting()).isSecondStart()).isFalse();
        assertThat(judged(
                                Outcome.HELD,
                                Facts.consentingBut(facts ->
                                        facts.insteadOfConsent = new MarkerReading.Unreadable("no permission")))
                        .isSecondStart())
                .isFalse();
        assertThat(judged(Outcome.HELD, Facts.consentingBut(facts -> {
                            facts.insteadOfConsent = new MarkerReading.Absent();
                            facts.holderUser = Observation.seen("1001");
                        }))
                        .isSecondStart())
                .isFalse();
    }

    @Test
    @Tag("H21")
    void whatAnotherLauncherHoldsMayBeHandedOverToIt() {
        SafetyFacts starting = Facts.consentingBut(facts -> facts.soleLauncher = Observation.absent("another has it"));
        assertThat(judged(Outcome.HELD, starting).isSecondStart()).isFalse();
        assertThat(judged(Outcome.HELD, starting).mayBeHandedOver()).isTrue();
        assertThat(judged(Outcome.READY, starting).mayBeHandedOver()).isFalse();
        assertThat(judged(
                                Outcome.HELD,
                                Facts.consentingBut(facts -> facts.soleLauncher = Observation.unknown("no locks here")))
                        .mayBeHandedOver())
                .isFalse();
        assertThat(judged(
                                Outcome.HELD,
                                Facts.consentingBut(facts -> facts.insteadOfConsent = new MarkerReading.Absent()))
                        .mayBeHandedOver())
                .isTrue();
    }

    private static LaunchReport judged(Outcome outcome, SafetyFacts facts) {
        return new LaunchReport(
                outcome,
                Optional.of(Verdict.judge(facts)),
                facts.lock(),
                Observation.unknown("not looked at"),
                facts.holder(),
                List.of(),
                List.of(),
                List.of(),
                List.of(),
                List.of(),
                Optional.empty(),
                new UpdateEffect.None(),
                "",
                "");
    }
}
