package io.relaunchguard.statemachine.desktop;

import static org.assertj.core.api.Assertions.assertThat;

import io.relaunchguard.core.lifecycle.LaunchState;
import java.awt.GraphicsEnvironment;
import java.util.Locale;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.springframework.mock.env.MockEnvironment;

/** Without a display; DesktopIT sees it on one. */
class LaunchSplashTest {

    @BeforeAll
    static void withoutADisplay() {
        System.setProperty("java.awt.headless", "true");
        assertThat(GraphicsEnvironment.isHeadless()).isTrue();
    }

    @Test
    void nothingIsDoneWhereThereIsNoDisplay() {
        LaunchSplash splash = new LaunchSplash(new MockEnvironment());
        splash.entered(LaunchState.MARKER_CHECK);
        assertThat(Thread.getAllStackTraces().keySet())
                .noneMatch(thread -> thread.getName().equals("relaunch-guard-splash"));
        splash.entered(LaunchState.HELD);
    }

    @Test
    void aScreenReaderHearsWhatIsShown() {
        SplashPanel panel = new SplashPanel(new Words("Editor", Locale.ENGLISH));
        panel.say("Starting…");
        assertThat(panel.said()).isEqualTo("Starting…");
        assertThat(panel.getAccessibleContext().getAccessibleDescription()).isEqualTo("Starting…");
    }
}
