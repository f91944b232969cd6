package io.relaunchguard.core.safety;

import static org.assertj.core.api.Assertions.assertThat;

import io.relaunchguard.core.Observation;
import io.relaunchguard.core.consent.MarkerReading;
import io.relaunchguard.core.lock.CacheStatus;
import io.relaunchguard.core.lock.SingletonLock;
import io.relaunchguard.core.safety.FreeProfile.Look;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

@Tag("H01")
class FreeProfileTest {

    private static final Observation<String> SOLE = Observation.seen("this launcher holds the launch lock");
    private static final Look NOBODY = new Look(new MarkerReading.Absent(), new CacheStatus.Free());

    @Test
    void isShownByTwoLooksUnderTheLaunchLockThatSeeNobody() {
        assertThat(FreeProfile.isShownBy(SOLE, List.of(NOBODY, NOBODY))).isTrue();
    }

    @Test
    void isNotShownByFewerLooks() {
        assertThat(FreeProfile.isShownBy(SOLE, List.of())).isFalse();
        assertThat(FreeProfile.isShownBy(SOLE, List.of(NOBODY))).isFalse();
    }

    @Test
    @Tag("H07")
    void isNotShownWithoutTheLaunchLock() {
        assertThat(FreeProfile.isShownBy(Observation.absent("another has it"), List.of(NOBODY, NOBODY)))
                .isFalse();
        assertThat(FreeProfile.isShownBy(Observation.unknown("there can be none"), List.of(NOBODY, NOBODY)))
                .isFalse();
    }

    static List<Look> looksThatSeeSomebodyOrCannotTell() {
        return List.of(
                new Look(new MarkerReading.Absent(), new CacheStatus.Uncertain("it cannot be read")),
                new Look(
                        new MarkerReading.Absent(),
                        new CacheStatus.Stale(new SingletonLock("host", 7), "process 7 has exited")),
                new Look(new MarkerReading.Invalid("it is torn"), new CacheStatus.Free()),
                new Look(new MarkerReading.Unreadable("permission denied"), new CacheStatus.Free()));
    }

    @ParameterizedTest
    @MethodSource("looksThatSeeSomebodyOrCannotTell")
    @Tag("H12")
    void isNotShownWhereEitherLookSeesSomebodyOrCannotTell(Look look) {
        assertThat(look.showsNobody()).isFalse();
        assertThat(FreeProfile.isShownBy(SOLE, List.of(look, NOBODY))).isFalse();
        assertThat(FreeProfile.isShownBy(SOLE, List.of(NOBODY, look))).isFalse();
    }
}
