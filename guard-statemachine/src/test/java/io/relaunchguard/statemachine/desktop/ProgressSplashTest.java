package io.relaunchguard.statemachine.desktop;

import static org.assertj.core.api.Assertions.assertThat;

import io.relaunchguard.core.lifecycle.LifecycleState;
import java.awt.GraphicsEnvironment;
import java.util.Locale;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.springframework.mock.env.MockEnvironment;

/** Without a display; DesktopIT sees it on one. */
class ProgressSplashTest {

    @BeforeAll
    static void withoutADisplay() {
        System.setProperty("java.awt.headless", "true");
        assertThat(GraphicsEnvironment.isHeadless()).isTrue();
    }

    @Test
    void nothingIsDoneWhereThereIsNoDisplay() {
        ProgressSplash splash = new ProgressSplash(new MockEnvironment());
        splash.entered(LifecycleState.MARKER_CHECK);
        assertThat(Thread.getAllStackTraces().keySet())
                .noneMatch(thread -> thread.getName().equals("relaunch-guard-splash"));
        splash.entered(LifecycleState.HELD);
    }

    @Test
    void aScreenReaderHearsWhatIsShown() {
        SplashPanel panel = new SplashPanel(new Words("Editor", Locale.ENGLISH));
        panel.say("Starting…");
        assertThat(panel.said()).isEqualTo("Starting…");
        assertThat(panel.getAccessibleContext().getAccessibleDescription()).isEqualTo("Starting…");
    }
}
