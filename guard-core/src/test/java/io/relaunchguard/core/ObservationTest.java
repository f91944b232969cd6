package io.relaunchguard.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

class ObservationTest {

    private static final Observation<String> SEEN = Observation.seen("value");
    private static final Observation<String> ABSENT = Observation.absent("no such file");
    private static final Observation<String> UNKNOWN = Observation.unknown("permission denied");

    @Test
    void hasAValueOnlyWhenOneWasSeen() {
        assertThat(SEEN.toOptional()).contains("value");
        assertThat(ABSENT.toOptional()).isEmpty();
        assertThat(UNKNOWN.toOptional()).isEmpty();
    }

    @Test
    void isOnlyTheVeryValueThatWasSeen() {
        assertThat(SEEN.is("value")).isTrue();
        assertThat(SEEN.is("other")).isFalse();
    }

    @Test
    @Tag("H12")
    void isNothingWhenNothingWasSeen() {
        assertThat(ABSENT.is("no such file")).isFalse();
        assertThat(UNKNOWN.is("permission denied")).isFalse();
    }

    @Test
    void hasNoShortfallWhenAValueWasSeen() {
        assertThat(SEEN.shortfall()).isEmpty();
    }

    @Test
    void saysWhyThereIsNoValue() {
        assertThat(ABSENT.shortfall()).isEqualTo("no such file");
        assertThat(UNKNOWN.shortfall()).isEqualTo("permission denied");
    }

    @Test
    void mapsTheValueThatWasSeen() {
        assertThat(SEEN.map(String::length)).isEqualTo(Observation.seen(5));
    }

    @Test
    @Tag("H12")
    void keepsAbsentAndUnknownApartWhenMapped() {
        assertThat(ABSENT.map(String::length)).isEqualTo(Observation.absent("no such file"));
        assertThat(UNKNOWN.map(String::length)).isEqualTo(Observation.unknown("permission denied"));
    }

    @Test
    void flatMapsTheValueToWhateverIsSeenOfIt() {
        assertThat(SEEN.flatMap(value -> Observation.seen(value + "!"))).isEqualTo(Observation.seen("value!"));
        assertThat(SEEN.flatMap(Observation::absent)).isEqualTo(Observation.absent("value"));
        assertThat(SEEN.flatMap(Observation::unknown)).isEqualTo(Observation.unknown("value"));
    }

    @Test
    @Tag("H12")
    void keepsAbsentAndUnknownApartWhenFlatMapped() {
        assertThat(ABSENT.flatMap(ObservationTest::neverAsked)).isEqualTo(Observation.absent("no such file"));
        assertThat(UNKNOWN.flatMap(ObservationTest::neverAsked)).isEqualTo(Observation.unknown("permission denied"));
    }

    private static Observation<Integer> neverAsked(String value) {
        return fail("nothing was seen, yet \"%s\" was asked about", value);
    }
}
