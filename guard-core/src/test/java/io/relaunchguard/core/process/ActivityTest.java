package io.relaunchguard.core.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("H03")
class ActivityTest {

    private static final Duration SECOND = Duration.ofSeconds(1);
    private static final Activity EARLIER = new Activity(Duration.ofSeconds(10), 4096, 7);

    @Test
    void doingNothingIsNoProgress() {
        assertThat(EARLIER.isProgressSince(EARLIER, SECOND)).isFalse();
    }

    @Test
    void oneByteWrittenIsProgress() {
        assertThat(later(Duration.ZERO, 1).isProgressSince(EARLIER, SECOND)).isTrue();
    }

    @Test
    void bytesThatNobodyAskedToWriteAreNoProgress() {
        assertThat(unasked(8192).isProgressSince(EARLIER, SECOND)).isFalse();
    }

    @Test
    void sixtyFourKibibytesThatNobodyAskedToWriteAreNoProgress() {
        assertThat(unasked(65_536).isProgressSince(EARLIER, SECOND)).isFalse();
    }

    /** A file that is mapped, or io_uring: it is at work, without a call that is counted. */
    @Test
    void oneByteMoreThatNobodyAskedToWriteIsProgress() {
        assertThat(unasked(65_537).isProgressSince(EARLIER, SECOND)).isTrue();
    }

    @Test
    void writesOfWhichNothingGoesToStorageAreNoProgress() {
        assertThat(later(Duration.ZERO, 0).isProgressSince(EARLIER, SECOND)).isFalse();
    }

    @Test
    void fewerBytesThanBeforeAreNoProgress() {
        assertThat(later(Duration.ZERO, -1).isProgressSince(EARLIER, SECOND)).isFalse();
    }

    @Test
    void aTwentiethOfAProcessorIsNoProgress() {
        assertThat(later(Duration.ofMillis(50), 0).isProgressSince(EARLIER, SECOND))
                .isFalse();
    }

    @Test
    void aMomentMoreThanATwentiethOfAProcessorIsProgress() {
        assertThat(later(Duration.ofMillis(50).plusNanos(1), 0).isProgressSince(EARLIER, SECOND))
                .isTrue();
    }

    @Test
    void theLongerTheTimeTheMoreItTakes() {
        assertThat(later(Duration.ofMillis(60), 0).isProgressSince(EARLIER, SECOND.multipliedBy(2)))
                .isFalse();
    }

    @Test
    void anyProcessorTimeInNoTimeIsProgress() {
        assertThat(later(Duration.ofNanos(1), 0).isProgressSince(EARLIER, Duration.ZERO))
                .isTrue();
    }

    @Test
    void nothingInNoTimeIsNoProgress() {
        assertThat(EARLIER.isProgressSince(EARLIER, Duration.ZERO)).isFalse();
    }

    @Test
    void lessProcessorTimeThanBeforeIsNoProgress() {
        assertThat(later(Duration.ofMillis(-500), 0).isProgressSince(EARLIER, SECOND))
                .isFalse();
    }

    private static Activity unasked(long moreBytes) {
        return new Activity(EARLIER.cpuTime(), EARLIER.bytesWritten() + moreBytes, EARLIER.writes());
    }

    private static Activity later(Duration moreCpuTime, long moreBytes) {
        return new Activity(
                EARLIER.cpuTime().plus(moreCpuTime), EARLIER.bytesWritten() + moreBytes, EARLIER.writes() + 1);
    }
}
