package io.relaunchguard.core;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("H46")
class FaultTextTest {

    @Test
    void aFaultIsNamedWithItsMessage() {
        assertThat(FaultText.of(new IllegalStateException("the disk is gone", new RuntimeException("a detail"))))
                .isEqualTo("IllegalStateException: the disk is gone");
        assertThat(FaultText.of(new NullPointerException())).isEqualTo("java.lang.NullPointerException");
    }

    @Test
    void anInitialiserErrorTellsTheCauseAtItsRoot() {
        assertThat(FaultText.of(
                        new ExceptionInInitializerError(new RuntimeException(new UnsatisfiedLinkError("no libc")))))
                .isEqualTo("java.lang.ExceptionInInitializerError, caused by UnsatisfiedLinkError: no libc");
        assertThat(FaultText.of(new UnsatisfiedLinkError("no libc"))).isEqualTo("UnsatisfiedLinkError: no libc");
    }

    @Test
    void whereNativeAccessIsDeniedTheOptionThatAllowsItIsNamed() {
        assertThat(FaultText.of(new ExceptionInInitializerError(
                        new IllegalCallerException("Illegal native access from an unnamed module"))))
                .endsWith(
                        "caused by IllegalCallerException: Illegal native access from an unnamed module; start Java with"
                                + " --enable-native-access=ALL-UNNAMED");
    }

    @Test
    void causesThatGoInACircleHaveAnEnd() {
        LinkageError first = new LinkageError("first");
        IllegalStateException second = new IllegalStateException("second", first);
        first.initCause(second);
        assertThat(FaultText.of(first)).startsWith("LinkageError: first, caused by ");
    }
}
