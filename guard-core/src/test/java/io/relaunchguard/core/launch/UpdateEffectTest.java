package io.relaunchguard.core.launch;

import static org.assertj.core.api.Assertions.assertThat;

import io.relaunchguard.core.consent.MarkerFields;
import io.relaunchguard.core.consent.MarkerReading;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("H51")
class UpdateEffectTest {

    @Test
    void theAnnouncedVersionThatRunsIsApplied() {
        assertThat(UpdateEffect.of(announced("1.4", "1.5"), Optional.of(" 1.5\n")))
                .isEqualTo(new UpdateEffect.Applied("1.5"));
    }

    @Test
    void theOldVersionThatRunsAgainIsNotAppliedAndItsSuspectsAreNamed() {
        UpdateEffect effect = UpdateEffect.of(announced("1.4", "1.5"), Optional.of("1.4"));

        assertThat(effect).isEqualTo(new UpdateEffect.NotApplied("1.5", "1.4"));
        assertThat(effect.sentence())
                .startsWith("The update to version 1.5 has not taken effect: version 1.4 runs.")
                .contains("AOT cache", "shortcut", "another directory");
    }

    @Test
    void aThirdVersionIsNotTheAnnouncedOneEither() {
        assertThat(UpdateEffect.of(announced("", "1.5"), Optional.of("1.3")))
                .isEqualTo(new UpdateEffect.NotApplied("1.5", "1.3"));
    }

    @Test
    void whatIsNotKnownIsUnknown() {
        assertThat(UpdateEffect.of(announced("1.4", "1.5"), Optional.empty())).isInstanceOf(UpdateEffect.Unknown.class);
        assertThat(UpdateEffect.of(announced("1.4", "1.5"), Optional.of(" "))).isInstanceOf(UpdateEffect.Unknown.class);
        assertThat(UpdateEffect.of(announced("1.4", ""), Optional.of("1.5"))).isInstanceOf(UpdateEffect.Unknown.class);
        assertThat(UpdateEffect.of(new MarkerReading.Unreadable("no permission"), Optional.of("1.5")))
                .isInstanceOf(UpdateEffect.Unknown.class);
        assertThat(UpdateEffect.of(new MarkerReading.Invalid("torn"), Optional.of("1.5")))
                .isInstanceOf(UpdateEffect.Unknown.class);
    }

    @Test
    void noConsentAndARestartOfTheSameVersionAreNoUpdate() {
        assertThat(UpdateEffect.of(new MarkerReading.Absent(), Optional.of("1.5")))
                .isInstanceOf(UpdateEffect.None.class);
        assertThat(UpdateEffect.of(announced("1.5", "1.5"), Optional.of("1.5"))).isInstanceOf(UpdateEffect.None.class);
    }

    private static MarkerReading announced(String from, String to) {
        return new MarkerReading.Valid(MarkerFields.markerBut(fields -> {
            fields.fromVersion = from;
            fields.toVersion = to;
        }));
    }
}
