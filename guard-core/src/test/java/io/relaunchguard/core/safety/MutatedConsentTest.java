package io.relaunchguard.core.safety;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.relaunchguard.core.consent.ConsentMarker;
import io.relaunchguard.core.consent.MarkerCodec;
import io.relaunchguard.core.consent.MarkerFields;
import io.relaunchguard.core.consent.MarkerReading;
import io.relaunchguard.core.safety.PredicateResult.Truth;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tag;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

/** From the bytes of a marker to the verdict: a marker that is not the holder's own lets nothing out. */
class MutatedConsentTest {

    private static final ConsentMarker OWN = new MarkerFields().build();
    private static final byte[] FILE = MarkerCodec.encode(OWN);

    /** What identifies the consenting process; the rest is for people, but for the times, of which one makes the age. */
    private static final List<String> IDENTITY =
            List.of("format", "pid", "start", "boot", "host", "machine", "pid-namespace", "user", "profile");

    @Property
    @Tag("H05")
    void noBytesButTheOwnIdentityReap(
            @ForAll @Size(min = 1, max = 6) List<@IntRange(max = 1_000_000) Integer> changes) {
        byte[] content = FILE.clone();
        changes.forEach(change -> content[change / 256 % content.length] = (byte) (change % 256));

        if (reaps(content)) {
            assertThat(identity(content)).isEqualTo(identity(FILE));
        }
    }

    @Property
    @Tag("H05")
    void noFieldOfTheIdentityMayHaveAnotherValue(@ForAll("identityKeys") String key, @ForAll("values") String value) {
        String changed = new String(FILE, UTF_8).replaceFirst("(?m)^" + key + "=.*$", key + "=" + value);

        assertThat(reaps(changed.getBytes(UTF_8))).isEqualTo(changed.equals(new String(FILE, UTF_8)));
    }

    @Property
    @Tag("H05")
    void noMarkerOfItsOwnMakingReaps(@ForAll @Size(max = 300) byte[] content) {
        assertThat(reaps(content)).isFalse();
    }

    @Provide
    Arbitrary<String> identityKeys() {
        return Arbitraries.of(IDENTITY);
    }

    /** Values like those of a marker, and like nothing. */
    @Provide
    Arbitrary<String> values() {
        return Arbitraries.oneOf(
                Arbitraries.strings()
                        .withCharRange('!', '#')
                        .withCharRange('%', '[')
                        .ofMaxLength(40),
                Arbitraries.longs().greaterOrEqual(0).map(String::valueOf),
                Arbitraries.of("", " ", "4711", "4712", "8812345", "1000", "0", "desk-7", "Desk-7", "desk-7 "));
    }

    private static boolean reaps(byte[] content) {
        MarkerReading read = MarkerCodec.decode(content);
        SafetyFacts facts = Facts.consentingBut(changed -> changed.insteadOfConsent = read);
        if (SafetyPredicate.MARKER_PRESENT.evaluate(facts).result() != Truth.HOLDS) {
            return false;
        }
        return Verdict.judge(facts) instanceof Verdict.Reap;
    }

    private static Set<String> identity(byte[] content) {
        return new String(content, UTF_8)
                .lines()
                .filter(line -> IDENTITY.contains(line.replaceFirst("=.*", "")))
                .collect(Collectors.toSet());
    }
}
