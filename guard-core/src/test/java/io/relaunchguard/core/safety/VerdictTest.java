package io.relaunchguard.core.safety;

import static io.relaunchguard.core.safety.Facts.consenting;
import static io.relaunchguard.core.safety.Facts.consentingBut;
import static io.relaunchguard.core.safety.SafetyPredicate.HOLDER_ALIVE;
import static io.relaunchguard.core.safety.SafetyPredicate.HOLDER_PRESENT;
import static io.relaunchguard.core.safety.SafetyPredicate.LOCAL_HOST_KNOWN;
import static io.relaunchguard.core.safety.SafetyPredicate.LOCK_UNCHANGED;
import static io.relaunchguard.core.safety.SafetyPredicate.MARKER_FOR_PROFILE;
import static io.relaunchguard.core.safety.SafetyPredicate.MARKER_FRESH;
import static io.relaunchguard.core.safety.SafetyPredicate.MARKER_NAMES_HOLDER;
import static io.relaunchguard.core.safety.SafetyPredicate.MARKER_PRESENT;
import static io.relaunchguard.core.safety.SafetyPredicate.MARKER_SAME_BOOT;
import static io.relaunchguard.core.safety.SafetyPredicate.MARKER_SAME_HOST;
import static io.relaunchguard.core.safety.SafetyPredicate.MARKER_SAME_MACHINE;
import static io.relaunchguard.core.safety.SafetyPredicate.MARKER_SAME_PID_NAMESPACE;
import static io.relaunchguard.core.safety.SafetyPredicate.MARKER_SAME_USER;
import static io.relaunchguard.core.safety.SafetyPredicate.NOT_SELF;
import static io.relaunchguard.core.safety.SafetyPredicate.NO_OTHER_INSTANCE;
import static io.relaunchguard.core.safety.SafetyPredicate.PID_IN_RANGE;
import static io.relaunchguard.core.safety.SafetyPredicate.PROCESS_PINNED;
import static io.relaunchguard.core.safety.SafetyPredicate.SAME_HOST;
import static io.relaunchguard.core.safety.SafetyPredicate.SAME_PID_NAMESPACE;
import static io.relaunchguard.core.safety.SafetyPredicate.SAME_USER;
import static io.relaunchguard.core.safety.SafetyPredicate.SOLE_LAUNCHER;
import static org.assertj.core.api.Assertions.assertThat;

import io.relaunchguard.core.Observation;
import io.relaunchguard.core.consent.MarkerReading;
import io.relaunchguard.core.lock.SingletonLock;
import io.relaunchguard.core.process.ExecutionState;
import io.relaunchguard.core.process.Lineage;
import io.relaunchguard.core.process.ProcessIdentity;
import io.relaunchguard.core.safety.PredicateResult.Truth;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Stream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Builders;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;
import net.jqwik.api.statistics.Statistics;
import net.jqwik.api.statistics.StatisticsReport;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;
import org.junit.jupiter.params.provider.MethodSource;

class VerdictTest {

    /** For every predicate, one deviation that it is there to catch. */
    private static final Map<SafetyPredicate, Consumer<Facts>> DEVIATIONS = Map.ofEntries(
            Map.entry(HOLDER_PRESENT, f -> f.lock = Observation.absent("no lock")),
            Map.entry(PID_IN_RANGE, f -> f.everywherePid(1)),
            Map.entry(LOCAL_HOST_KNOWN, f -> {
                f.host = Observation.seen("");
                f.lockedBy("", Facts.HOLDER_PID);
                f.consent.host = "";
            }),
            Map.entry(SAME_HOST, f -> f.lockedBy("desk-8", Facts.HOLDER_PID)),
            Map.entry(SOLE_LAUNCHER, f -> f.soleLauncher = Observation.absent("another launcher is at work")),
            Map.entry(PROCESS_PINNED, f -> f.pin = Observation.unknown("no pidfd here")),
            Map.entry(HOLDER_ALIVE, f -> f.holderState = ExecutionState.EXITED),
            Map.entry(NOT_SELF, f -> f.holderLineage = Observation.seen(Lineage.DESCENDANT)),
            Map.entry(SAME_USER, f -> f.holderUser = Observation.seen("0")),
            Map.entry(SAME_PID_NAMESPACE, f -> f.holderPidNamespace = Observation.seen("pid:[1]")),
            Map.entry(NO_OTHER_INSTANCE, f -> f.otherInstance = Observation.unknown("another may be alive")),
            Map.entry(MARKER_PRESENT, f -> f.insteadOfConsent = new MarkerReading.Absent()),
            Map.entry(MARKER_SAME_HOST, f -> f.consent.host = "desk-8"),
            Map.entry(MARKER_SAME_MACHINE, f -> f.consent.machineId = "another"),
            Map.entry(MARKER_SAME_BOOT, f -> f.consent.bootId = "another"),
            Map.entry(MARKER_SAME_PID_NAMESPACE, f -> f.consent.pidNamespace = "pid:[1]"),
            Map.entry(MARKER_SAME_USER, f -> f.consent.user = "0"),
            Map.entry(MARKER_FOR_PROFILE, f -> f.consent.profile = "another"),
            Map.entry(MARKER_FRESH, f -> f.markerAge(Duration.ofHours(1))),
            Map.entry(MARKER_NAMES_HOLDER, f -> f.consent.start = "another"),
            Map.entry(LOCK_UNCHANGED, f -> f.lockAfterPin = Observation.absent("no lock")));

    @Test
    void reapsTheHolderWhenEveryPredicateHolds() {
        SafetyFacts facts = consenting();

        Verdict verdict = Verdict.judge(facts);

        assertThat(verdict)
                .isInstanceOfSatisfying(
                        Verdict.Reap.class,
                        reap -> assertThat(Observation.seen(reap.holder())).isEqualTo(facts.holder()));
    }

    @Test
    @Tag("H06")
    void reapsAWedgedAncestorThatConsented() {
        assertThat(Verdict.judge(consentingBut(f -> f.holderLineage = Observation.seen(Lineage.ANCESTOR))))
                .isInstanceOf(Verdict.Reap.class);
    }

    @ParameterizedTest
    @EnumSource
    void sparesWhenOnePredicateIsBroken(SafetyPredicate broken) {
        Verdict verdict = Verdict.judge(deviating(broken));

        assertThat(reasonOf(verdict)).isEqualTo(broken);
    }

    /** Without a lock or a marker others cannot hold either, so these two are not needed for safety, but for the reason. */
    @ParameterizedTest
    @EnumSource(
            mode = Mode.EXCLUDE,
            names = {"HOLDER_PRESENT", "MARKER_PRESENT"})
    void wouldReapIfThatPredicateWereMissing(SafetyPredicate removed) {
        Set<SafetyPredicate> others = EnumSet.complementOf(EnumSet.of(removed));

        assertThat(Verdict.judge(deviating(removed), others)).isInstanceOf(Verdict.Reap.class);
    }

    @ParameterizedTest
    @EnumSource(names = {"HOLDER_PRESENT", "MARKER_PRESENT"})
    void wouldStillSpareWithoutThePredicateThatOnlyGivesTheReason(SafetyPredicate removed) {
        Set<SafetyPredicate> others = EnumSet.complementOf(EnumSet.of(removed));

        assertThat(Verdict.judge(deviating(removed), others)).isInstanceOf(Verdict.Spare.class);
    }

    @ParameterizedTest
    @EnumSource
    void keepsEveryResultInOrderWhicheverIsBroken(SafetyPredicate broken) {
        assertThat(Verdict.judge(deviating(broken)).results())
                .extracting(PredicateResult::predicate)
                .containsExactly(SafetyPredicate.values());
    }

    @Test
    void keepsEveryResultInOrderWhenItReaps() {
        assertThat(Verdict.judge(consenting()).results())
                .extracting(PredicateResult::predicate)
                .containsExactly(SafetyPredicate.values());
    }

    @Test
    void takesSomePredicatesInTheirOwnOrderHoweverTheyAreGiven() {
        List<SafetyPredicate> backwards = List.of(MARKER_FRESH, SAME_USER, PID_IN_RANGE);

        assertThat(Verdict.judge(consenting(), backwards).results())
                .extracting(PredicateResult::predicate)
                .containsExactly(PID_IN_RANGE, SAME_USER, MARKER_FRESH);
    }

    @Test
    void givesTheFirstThatDoesNotHoldAsTheReason() {
        Verdict verdict = Verdict.judge(consentingBut(f -> {
            f.lockAfterPin = Observation.absent("no lock");
            f.holderUser = Observation.unknown("permission denied");
            f.consent.start = "another";
        }));

        assertThat(verdict)
                .isInstanceOfSatisfying(
                        Verdict.Spare.class,
                        spare -> assertThat(spare.reason())
                                .isEqualTo(new PredicateResult(SAME_USER, Truth.UNKNOWN, "permission denied")));
    }

    @Test
    void givesOneOfItsResultsAsTheReason() {
        Verdict verdict = Verdict.judge(deviating(MARKER_FRESH));

        assertThat(verdict)
                .isInstanceOfSatisfying(
                        Verdict.Spare.class,
                        spare -> assertThat(spare.results()).contains(spare.reason()));
    }

    @ParameterizedTest
    @MethodSource
    @Tag("H12")
    void letsNothingUnknownPass(Consumer<Facts> unknown) {
        Verdict verdict = Verdict.judge(consentingBut(unknown));

        assertThat(verdict)
                .isInstanceOfSatisfying(
                        Verdict.Spare.class,
                        spare -> assertThat(spare.reason().result()).isEqualTo(Truth.UNKNOWN));
    }

    static Stream<Consumer<Facts>> letsNothingUnknownPass() {
        return Stream.of(
                f -> f.soleLauncher = Observation.unknown("?"),
                f -> f.host = Observation.unknown("?"),
                f -> f.bootId = Observation.unknown("?"),
                f -> f.machineId = Observation.unknown("?"),
                f -> f.pidNamespace = Observation.unknown("?"),
                f -> f.user = Observation.unknown("?"),
                f -> f.sinceBoot = Observation.unknown("?"),
                f -> f.profile = Observation.unknown("?"),
                f -> f.lock = Observation.unknown("?"),
                f -> f.pin = Observation.unknown("?"),
                f -> f.insteadOfHolder = Observation.unknown("?"),
                f -> f.holderUser = Observation.unknown("?"),
                f -> f.holderPidNamespace = Observation.unknown("?"),
                f -> f.holderLineage = Observation.unknown("?"),
                f -> f.lockAfterPin = Observation.unknown("?"),
                f -> f.insteadOfConsent = new MarkerReading.Unreadable("?"));
    }

    @Property(edgeCases = EdgeCasesMode.NONE)
    @StatisticsReport(onFailureOnly = true)
    @net.jqwik.api.Tag("H02")
    @net.jqwik.api.Tag("H05")
    @net.jqwik.api.Tag("H06")
    void reapsOnlyWhatConsentedAndIsHeldFast(@ForAll("launches") Facts seen) {
        SafetyFacts facts = seen.build();

        Verdict verdict = Verdict.judge(facts);

        assertThat(verdict instanceof Verdict.Reap).isEqualTo(mayBeReaped(facts));
        Statistics.collect(verdict.getClass().getSimpleName());
        Statistics.coverage(seenOften -> {
            seenOften.check("Reap").percentage(share -> share > 5);
            seenOften.check("Spare").percentage(share -> share > 5);
        });
    }

    @Property(edgeCases = EdgeCasesMode.NONE)
    void reapsIfAndOnlyIfEveryResultHolds(@ForAll("launches") Facts seen) {
        Verdict verdict = Verdict.judge(seen.build());

        assertThat(verdict instanceof Verdict.Reap)
                .isEqualTo(verdict.results().stream().allMatch(result -> result.result() == Truth.HOLDS));
    }

    /** The promise, written a second time and in another way. */
    private static boolean mayBeReaped(SafetyFacts facts) {
        if (!(facts.holder() instanceof Observation.Seen<ProcessIdentity> seen)
                || !(facts.marker() instanceof MarkerReading.Valid consent)
                || !(facts.lock() instanceof Observation.Seen<SingletonLock> lock)) {
            return false;
        }
        ProcessIdentity holder = seen.value();
        boolean sameProcess = lock.value().pid() == holder.pid()
                && facts.pin().is(holder.pid())
                && consent.marker().pid() == holder.pid()
                && consent.marker().start().equals(holder.start())
                && facts.lockAfterPin().equals(facts.lock());
        boolean sameHere = facts.host().host().is(lock.value().host())
                && facts.host().host().is(consent.marker().host())
                && facts.host().bootId().is(consent.marker().bootId())
                && facts.host()
                        .machineId()
                        .toOptional()
                        .orElse("")
                        .equals(consent.marker().machineId())
                && !(facts.host().machineId() instanceof Observation.Unknown)
                && facts.host().pidNamespace().is(consent.marker().pidNamespace())
                && facts.host().pidNamespace().equals(holder.pidNamespace())
                && facts.profile().is(consent.marker().profile());
        boolean sameUser = facts.host().user().is(consent.marker().user())
                && facts.host().user().equals(holder.user());
        Duration age = facts.sinceBoot()
                .toOptional()
                .map(now -> now.minus(consent.marker().written()))
                .orElse(Duration.ofNanos(-1));
        boolean fresh = !age.isNegative() && age.compareTo(facts.maxMarkerAge()) <= 0;
        boolean foreign = holder.pid() != facts.host().pid()
                && (holder.lineage().is(Lineage.ANCESTOR) || holder.lineage().is(Lineage.UNRELATED));
        return sameProcess
                && sameHere
                && sameUser
                && fresh
                && foreign
                && facts.soleLauncher().toOptional().isPresent()
                && holder.state() != ExecutionState.EXITED
                && holder.pid() > 1
                && holder.pid() <= 2_147_483_647L;
    }

    /** Mostly good facts, so that now and then all of them are. */
    @Provide
    Arbitrary<Facts> launches() {
        return Builders.withBuilder(Facts::new)
                .use(mostly(seen("ours"), unseen()))
                .inSetter((f, v) -> f.soleLauncher = v)
                .use(mostly(Facts.LAUNCHER_PID, Arbitraries.of(Facts.HOLDER_PID, 2L)))
                .inSetter((f, v) -> f.launcherPid = v)
                .use(Arbitraries.frequency(
                        Tuple.of(8, Facts.HOLDER_PID),
                        Tuple.of(1, 2L),
                        Tuple.of(1, 1L),
                        Tuple.of(1, (long) Integer.MAX_VALUE),
                        Tuple.of(1, Integer.MAX_VALUE + 1L)))
                .inSetter(Facts::everywherePid)
                .use(mostly("desk-7", Arbitraries.of("desk-8")))
                .inSetter((f, v) -> f.lockedBy(v, f.holderPid))
                .use(mostly(seen("desk-7"), unseen()))
                .inSetter((f, v) -> f.host = v)
                .use(mostly(seen("7d4e1c0a9b8f4e21a6c5d3b2a1f0e9d8"), unseen()))
                .inSetter((f, v) -> f.machineId = v)
                .use(mostly("7d4e1c0a9b8f4e21a6c5d3b2a1f0e9d8", Arbitraries.of("", "another")))
                .inSetter((f, v) -> f.consent.machineId = v)
                .use(mostly(seen("1000"), unseen()))
                .inSetter((f, v) -> f.holderUser = v)
                .use(mostly(
                        seen(Lineage.UNRELATED), Arbitraries.of(Lineage.class).map(Observation::seen)))
                .inSetter((f, v) -> f.holderLineage = v)
                .use(mostly(ExecutionState.RUNNING, Arbitraries.of(ExecutionState.class)))
                .inSetter((f, v) -> f.holderState = v)
                .use(mostly("8812345", Arbitraries.of("8812346")))
                .inSetter((f, v) -> f.holderStart = v)
                .use(mostly(
                        Duration.ofSeconds(10),
                        Arbitraries.longs().between(-2, 300_002).map(Duration::ofMillis)))
                .inSetter(Facts::markerAge)
                .build();
    }

    private static <T> Arbitrary<T> mostly(T good, Arbitrary<T> others) {
        return Arbitraries.frequencyOf(Tuple.of(9, Arbitraries.just(good)), Tuple.of(1, others));
    }

    private static <T> Observation<T> seen(T value) {
        return Observation.seen(value);
    }

    private static <T> Arbitrary<Observation<T>> unseen() {
        return Arbitraries.of(Observation.absent("not there"), Observation.unknown("permission denied"));
    }

    private static SafetyFacts deviating(SafetyPredicate from) {
        return consentingBut(DEVIATIONS.get(from));
    }

    private static SafetyPredicate reasonOf(Verdict verdict) {
        assertThat(verdict).isInstanceOf(Verdict.Spare.class);
        return ((Verdict.Spare) verdict).reason().predicate();
    }
}
