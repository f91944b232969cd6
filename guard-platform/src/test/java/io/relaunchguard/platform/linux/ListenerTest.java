package io.relaunchguard.platform.linux;

import static org.assertj.core.api.Assertions.assertThat;

import io.relaunchguard.core.Observation;
import org.junit.jupiter.api.Test;

class ListenerTest {

    @Test
    void isTheProcessInAWholeAnswer() {
        assertThat(Listener.pid(12, 4711)).isEqualTo(Observation.seen(4711L));
    }

    @Test
    void isUnknownInAnotherNamespace() {
        assertThat(Listener.pid(12, 0)).isInstanceOf(Observation.Unknown.class);
    }

    /** On PowerPC the number means SO_SNDLOWAT, whose value is a one of four bytes. */
    @Test
    void isUnknownWhereTheNumberMeansAnotherOption() {
        assertThat(Listener.pid(4, 1)).isInstanceOf(Observation.Unknown.class);
    }
}
