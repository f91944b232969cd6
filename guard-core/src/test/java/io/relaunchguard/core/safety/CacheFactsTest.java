package io.relaunchguard.core.safety;

import static org.assertj.core.api.Assertions.assertThat;

import io.relaunchguard.core.Observation;
import io.relaunchguard.core.lock.CacheStatus;
import io.relaunchguard.core.lock.SingletonLock;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

@Tag("H01")
class CacheFactsTest {

    private static final Observation<String> SOLE = Observation.seen("this launcher holds the launch lock");
    private static final CacheStatus FREE = new CacheStatus.Free();
    private static final Observation<Boolean> NO = Observation.seen(false);
    private static final Observation<Boolean> YES = Observation.seen(true);
    private static final Observation<Boolean> UNKNOWN = Observation.unknown("permission denied");

    @Test
    void showNobodyWhereEachThatMayUseItWasLookedForAndIsGone() {
        assertThat(new CacheFacts(SOLE, FREE, NO, NO).showNobody()).isTrue();
    }

    @Test
    @Tag("H26")
    void showNobodyBesideALaunchLockThatIsBroken() {
        assertThat(new CacheFacts(Observation.unknown("it is broken"), FREE, NO, NO).showNobody())
                .isTrue();
    }

    static List<CacheFacts> factsThatShowSomebodyOrCannotTell() {
        return List.of(
                CacheFacts.NONE,
                new CacheFacts(Observation.absent("another launcher is at work"), FREE, NO, NO),
                new CacheFacts(SOLE, new CacheStatus.Uncertain("it cannot be read"), NO, NO),
                new CacheFacts(
                        SOLE, new CacheStatus.Stale(new SingletonLock("host", 7), "process 7 has exited"), NO, NO),
                new CacheFacts(SOLE, FREE, YES, NO),
                new CacheFacts(SOLE, FREE, UNKNOWN, NO),
                new CacheFacts(SOLE, FREE, NO, YES),
                new CacheFacts(SOLE, FREE, NO, UNKNOWN));
    }

    @ParameterizedTest
    @MethodSource("factsThatShowSomebodyOrCannotTell")
    @Tag("H12")
    void showSomebodyOtherwise(CacheFacts facts) {
        assertThat(facts.showNobody()).isFalse();
    }
}
