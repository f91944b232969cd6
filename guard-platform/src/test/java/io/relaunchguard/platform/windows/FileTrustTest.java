package io.relaunchguard.platform.windows;

import static org.assertj.core.api.Assertions.assertThat;

import io.relaunchguard.platform.windows.FileTrust.Entry;
import io.relaunchguard.platform.windows.FileTrust.Security;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Tag("H05")
class FileTrustTest {

    private static final String ME = "S-1-5-21-1-2-3-1001";
    private static final String OTHER = "S-1-5-21-1-2-3-1002";
    private static final String EVERYBODY = "S-1-1-0";
    private static final String ADMINISTRATORS = "S-1-5-32-544";
    private static final int ALL = 0x001F_01FF;
    private static final int READ = 0x0012_0089;

    private static String refusal(String owner, Entry... entries) {
        return new FileTrust(ME, ME).refusal(new Security(owner, List.of(entries)));
    }

    private static Entry allowed(int mask, String sid) {
        return new Entry(0, 0, mask, sid);
    }

    @Test
    void believesWhatNobodyElseMayChange() {
        assertThat(refusal(
                        ME,
                        allowed(ALL, ME),
                        allowed(ALL, "S-1-5-18"),
                        allowed(ALL, ADMINISTRATORS),
                        allowed(ALL, "S-1-3-4"),
                        allowed(READ, EVERYBODY)))
                .isEmpty();
    }

    @Test
    void believesNothingOfAnotherUser() {
        assertThat(refusal(OTHER, allowed(ALL, ME))).isEqualTo("belongs to another user");
        assertThat(refusal(ADMINISTRATORS)).isEqualTo("belongs to another user");
        assertThat(new FileTrust(ME, ADMINISTRATORS).refusal(new Security(ADMINISTRATORS, List.of())))
                .isEmpty();
    }

    @ParameterizedTest
    @ValueSource(ints = {0x2, 0x4, 0x10, 0x100, 0x10000, 0x40000, 0x80000, 0x10000000, 0x40000000, ALL})
    void believesNothingThatSomebodyElseMayChange(int right) {
        assertThat(refusal(ME, allowed(ALL, ME), allowed(READ | right, EVERYBODY)))
                .isEqualTo("may be changed by S-1-1-0");
    }

    @Test
    void believesNothingThatHasNoListOrOneItDoesNotUnderstand() {
        assertThat(refusal(ME, Entry.EVERYTHING_TO_EVERYBODY)).isEqualTo("may be changed by S-1-1-0");
        assertThat(refusal(ME, new Entry(9, 0, 0, ""))).contains("not understood");
    }

    @Test
    void passesOverWhatIsDeniedAndWhatIsForOthersToInherit() {
        assertThat(refusal(ME, new Entry(1, 0, ALL, EVERYBODY), new Entry(0, 8, ALL, EVERYBODY)))
                .isEmpty();
    }
}
