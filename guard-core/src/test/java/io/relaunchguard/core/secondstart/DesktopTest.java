package io.relaunchguard.core.secondstart;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("H21")
class DesktopTest {

    @Test
    void theScreenAndTheOtherNameOfAnXServerMakeNoDifference() {
        for (String name : new String[] {":0", ":0.0", ":0.1", "unix:0", "unix:0.0"}) {
            assertThat(x(name).display()).contains(":0");
        }
        assertThat(x("host.example:10.0").display()).contains("host.example:10");
        assertThat(x("").display()).isEmpty();
    }

    @Test
    void anotherDisplayIsHiddenUnlessOneIsShared() {
        assertThat(x(":0").isHiddenFrom(x(":1"))).isTrue();
        assertThat(x(":0").isHiddenFrom(x(":0.1"))).isFalse();
        Desktop wayland = Desktop.of(Map.of("DISPLAY", ":0", "WAYLAND_DISPLAY", "wayland-0"));
        assertThat(x(":0").isHiddenFrom(wayland)).isFalse();
        assertThat(wayland.isHiddenFrom(Desktop.of(Map.of("DISPLAY", ":7", "WAYLAND_DISPLAY", "wayland-0"))))
                .isFalse();
        assertThat(wayland.isHiddenFrom(Desktop.of(Map.of("WAYLAND_DISPLAY", "wayland-1"))))
                .isTrue();
    }

    @Test
    void withoutADisplayNothingIsHidden() {
        assertThat(Desktop.NONE.isHiddenFrom(x(":0"))).isFalse();
        assertThat(x(":0").isHiddenFrom(Desktop.NONE)).isFalse();
    }

    @Test
    void itSaysWhereItIs() {
        assertThat(Desktop.of(Map.of("DISPLAY", ":1", "XDG_SESSION_ID", "3")).where())
                .isEqualTo("display :1 (session 3)");
        assertThat(Desktop.NONE.where()).isEqualTo("no display");
    }

    @Test
    void whatBringsAWindowToTheFrontIsTakenAlong() {
        Desktop desktop = Desktop.of(Map.of("DESKTOP_STARTUP_ID", "id_TIME5", "XDG_ACTIVATION_TOKEN", "token"));
        assertThat(desktop.startupId()).isEqualTo(Optional.of("id_TIME5"));
        assertThat(desktop.activationToken()).isEqualTo(Optional.of("token"));
    }

    private static Desktop x(String display) {
        return Desktop.of(Map.of("DISPLAY", display));
    }
}
