package io.relaunchguard.core.launch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class LaunchPolicyTest {

    private static final Duration HOUR = Duration.ofHours(1);
    private static final Duration DAY = Duration.ofDays(1);
    private static final Duration NANOSECOND = Duration.ofNanos(1);

    /** The values in the order of the constructor. */
    private static final List<String> NAMES = List.of(
            "max-marker-age",
            "launcher-wait",
            "teardown-grace",
            "teardown-grace-limit",
            "term-grace",
            "kill-confirmation",
            "cache-release",
            "unconsented-wait");

    @Test
    void defaultsToTheDesign() {
        assertThat(LaunchPolicy.DEFAULT)
                .isEqualTo(policy(
                        Duration.ofMinutes(5),
                        Duration.ofSeconds(4),
                        Duration.ofSeconds(2),
                        Duration.ofSeconds(5),
                        Duration.ofSeconds(2),
                        Duration.ofSeconds(2),
                        Duration.ofSeconds(3),
                        Duration.ofMillis(500)));
    }

    @Test
    @Tag("H01")
    void endsByDefaultBeforeChromiumWouldKill() {
        assertThat(LaunchPolicy.DEFAULT.total())
                .isEqualTo(Duration.ofSeconds(16))
                .isLessThan(Duration.ofSeconds(20));
    }

    @Test
    @Tag("H35")
    void countsTheGraceFromTheConsentButAlwaysObservesHalfASecond() {
        LaunchPolicy policy = LaunchPolicy.DEFAULT;

        assertThat(policy.graceAfter(Duration.ofMillis(-5))).isEqualTo(policy.teardownGrace());
        assertThat(policy.graceAfter(Duration.ZERO)).isEqualTo(policy.teardownGrace());
        assertThat(policy.graceAfter(Duration.ofMillis(900))).isEqualTo(Duration.ofMillis(1100));
        assertThat(policy.graceAfter(Duration.ofMillis(1501))).isEqualTo(Duration.ofMillis(500));
        assertThat(policy.graceAfter(Duration.ofDays(1))).isEqualTo(Duration.ofMillis(500));
    }

    @Test
    void aGraceShorterThanTheObservationIsGivenWhole() {
        LaunchPolicy policy = new LaunchPolicy(DAY, HOUR, Duration.ofMillis(200), HOUR, HOUR, HOUR, HOUR, HOUR);

        assertThat(policy.graceAfter(HOUR)).isEqualTo(Duration.ofMillis(200));
    }

    @Test
    void addsUpTheLongestWaits() {
        LaunchPolicy policy = policy(
                Duration.ofMinutes(9),
                Duration.ofMillis(1),
                Duration.ofMillis(7),
                Duration.ofMillis(20),
                Duration.ofMillis(300),
                Duration.ofMillis(4000),
                Duration.ofMillis(50_000),
                Duration.ofMillis(50_000));

        assertThat(policy.total()).isEqualTo(Duration.ofMillis(54_321));
    }

    @Test
    void takesTheLongestValues() {
        assertThatCode(() -> policy(DAY, HOUR, HOUR, HOUR, HOUR, HOUR, HOUR, HOUR))
                .doesNotThrowAnyException();
    }

    @Test
    void takesTheShortestValues() {
        assertThatCode(() -> policy(
                        NANOSECOND, NANOSECOND, NANOSECOND, NANOSECOND, NANOSECOND, NANOSECOND, NANOSECOND, NANOSECOND))
                .doesNotThrowAnyException();
    }

    @ParameterizedTest(name = "{0} of {1}")
    @MethodSource
    void refusesAValueThatIsNotAboveZeroOrTooLong(String name, Duration value, Duration longest) {
        assertThatThrownBy(() -> defaultsBut(name, value))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("%s must be above zero and at most %s, but is %s", name, longest, value);
    }

    static Stream<Arguments> refusesAValueThatIsNotAboveZeroOrTooLong() {
        return NAMES.stream().flatMap(name -> {
            Duration longest = name.equals("max-marker-age") ? DAY : HOUR;
            return Stream.of(Duration.ZERO, NANOSECOND.negated(), HOUR.negated(), longest.plusNanos(1))
                    .map(value -> Arguments.of(name, value, longest));
        });
    }

    @Test
    void takesAGraceAsLongAsItsBound() {
        assertThat(defaultsBut("teardown-grace", Duration.ofSeconds(5)).teardownGrace())
                .isEqualTo(Duration.ofSeconds(5));
    }

    @Test
    void refusesAGraceLongerThanItsBound() {
        assertThatThrownBy(() ->
                        defaultsBut("teardown-grace", Duration.ofSeconds(5).plusNanos(1)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("teardown-grace (PT5.000000001S) must not be longer than teardown-grace-limit (PT5S)");
    }

    private static LaunchPolicy defaultsBut(String name, Duration value) {
        LaunchPolicy defaults = LaunchPolicy.DEFAULT;
        Duration[] values = {
            defaults.maxMarkerAge(),
            defaults.launcherWait(),
            defaults.teardownGrace(),
            defaults.teardownGraceLimit(),
            defaults.termGrace(),
            defaults.killConfirmation(),
            defaults.cacheRelease(),
            defaults.unconsentedWait()
        };
        values[NAMES.indexOf(name)] = value;
        return policy(values);
    }

    private static LaunchPolicy policy(Duration... values) {
        List<Duration> all = Arrays.asList(values);
        return new LaunchPolicy(
                all.get(0), all.get(1), all.get(2), all.get(3), all.get(4), all.get(5), all.get(6), all.get(7));
    }
}
