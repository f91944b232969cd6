package io.relaunchguard.core.lifecycle;

import static io.relaunchguard.core.lifecycle.TransitionGuard.ALL_PREDICATES_HOLD;
import static io.relaunchguard.core.lifecycle.TransitionGuard.OTHERWISE;
import static io.relaunchguard.core.lifecycle.TransitionGuard.PROFILE_FREE;
import static io.relaunchguard.core.lifecycle.TransitionGuard.STILL_FREE;
import static org.assertj.core.api.Assertions.assertThat;

import io.relaunchguard.core.Observation;
import io.relaunchguard.core.consent.MarkerReading;
import io.relaunchguard.core.lock.CacheStatus;
import io.relaunchguard.core.safety.CacheFacts;
import io.relaunchguard.core.safety.Facts;
import io.relaunchguard.core.safety.FreeProfile;
import io.relaunchguard.core.safety.SafetyFacts;
import io.relaunchguard.core.safety.SafetyPredicate;
import io.relaunchguard.core.safety.Verdict;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Each guard judges its own part of what was read, and no other. */
class TransitionGuardTest {

    private static final Observation<String> SOLE = Observation.seen("this launcher holds the launch lock");
    private static final FreeProfile.Look NOBODY =
            new FreeProfile.Look(new MarkerReading.Absent(), new CacheStatus.Free());
    private static final CacheFacts FREE =
            new CacheFacts(SOLE, new CacheStatus.Free(), Observation.seen(false), Observation.seen(false));
    private static final SafetyFacts WITHOUT_CONSENT = Facts.consenting().withMarker(new MarkerReading.Absent());

    @Test
    void whereNothingWasReadOnlyTheRowThatIsLeftIsTaken() {
        assertThat(shownBy(facts(SOLE, List.of(), Optional.empty(), CacheFacts.NONE)))
                .containsExactly(OTHERWISE);
    }

    @Test
    void everyPredicateHoldsByTheFactsOfTheHolder() {
        assertThat(shownBy(facts(SOLE, List.of(), Optional.of(Facts.consenting()), CacheFacts.NONE)))
                .containsExactly(ALL_PREDICATES_HOLD, OTHERWISE);
        assertThat(shownBy(facts(SOLE, List.of(), Optional.of(WITHOUT_CONSENT), CacheFacts.NONE)))
                .containsExactly(OTHERWISE);
    }

    @Test
    void onlyThePredicatesThatAreAskedForCount() {
        assertThat(ALL_PREDICATES_HOLD.isShownBy(new TransitionFacts(
                        SOLE,
                        List.of(),
                        Optional.of(WITHOUT_CONSENT),
                        Set.of(SafetyPredicate.HOLDER_ALIVE),
                        CacheFacts.NONE)))
                .isTrue();
    }

    @Test
    void theProfileIsFreeByTheLooksAtItUnderTheLaunchLock() {
        List<FreeProfile.Look> looks = List.of(NOBODY, NOBODY);
        assertThat(shownBy(facts(SOLE, looks, Optional.empty(), CacheFacts.NONE)))
                .containsExactly(PROFILE_FREE, OTHERWISE);
        assertThat(shownBy(facts(Observation.absent("another has it"), looks, Optional.empty(), CacheFacts.NONE)))
                .containsExactly(OTHERWISE);
    }

    @Test
    void theCacheIsStillFreeByTheLastLookAtIt() {
        assertThat(shownBy(facts(SOLE, List.of(), Optional.empty(), FREE))).containsExactly(STILL_FREE, OTHERWISE);
    }

    @Test
    void whatWasReadDoesNotChangeUnderAGuard() {
        List<FreeProfile.Look> looks = new ArrayList<>(List.of(NOBODY, NOBODY));
        Collection<SafetyPredicate> predicates = new ArrayList<>(List.of(SafetyPredicate.MARKER_PRESENT));
        TransitionFacts facts =
                new TransitionFacts(SOLE, looks, Optional.of(WITHOUT_CONSENT), predicates, CacheFacts.NONE);

        looks.clear();
        predicates.clear();

        assertThat(shownBy(facts)).containsExactly(PROFILE_FREE, OTHERWISE);
    }

    private static TransitionFacts facts(
            Observation<String> soleLauncher,
            List<FreeProfile.Look> looks,
            Optional<SafetyFacts> holder,
            CacheFacts cache) {
        return new TransitionFacts(soleLauncher, looks, holder, Verdict.ALL_PREDICATES, cache);
    }

    private static List<TransitionGuard> shownBy(TransitionFacts facts) {
        return Stream.of(TransitionGuard.values())
                .filter(guard -> guard.isShownBy(facts))
                .toList();
    }
}
