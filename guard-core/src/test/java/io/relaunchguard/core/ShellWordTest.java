package io.relaunchguard.core;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ShellWordTest {

    @Test
    void isOneWordForAShell() {
        assertThat(ShellWord.quoted("/a $b `c`")).isEqualTo("'/a $b `c`'");
        assertThat(ShellWord.quoted("/o'brien")).isEqualTo("'/o'\\''brien'");
    }
}
