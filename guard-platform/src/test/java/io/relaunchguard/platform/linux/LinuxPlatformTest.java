package io.relaunchguard.platform.linux;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.NullSource;
import org.junit.jupiter.params.provider.ValueSource;

class LinuxPlatformTest {

    @Test
    void keepsCachesWhereTheVariableSays() {
        assertThat(LinuxPlatform.cacheDirectory("/var/cache/somebody", "/home/somebody"))
                .isEqualTo(Path.of("/var/cache/somebody"));
    }

    @ParameterizedTest
    @NullSource
    @ValueSource(strings = {"", "relative", "~/cache"})
    void keepsCachesBelowTheHomeDirectoryOtherwise(String variable) {
        assertThat(LinuxPlatform.cacheDirectory(variable, "/home/somebody"))
                .isEqualTo(Path.of("/home/somebody/.cache"));
    }

    @Test
    void opensTheProfileThatItIsAskedFor() {
        assertThat(new LinuxPlatform().open(Path.of("/some/profile")).profile()).isEqualTo(Path.of("/some/profile"));
    }
}
