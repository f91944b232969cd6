package io.relaunchguard.statemachine.desktop;

import io.relaunchguard.core.launch.LaunchListener;
import io.relaunchguard.core.launch.LaunchReport;
import io.relaunchguard.core.lifecycle.LifecycleState;
import io.relaunchguard.core.secondstart.Answer;
import java.awt.EventQueue;
import java.awt.GraphicsEnvironment;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.springframework.core.env.Environment;

/**
 * A small window that says what the launch is doing if it takes long enough for a user to notice. It never takes the
 * focus. Named in {@code META-INF/spring.factories} as a {@code LaunchListener}. Without a display it does nothing. It
 * appears again for a launch that is run again, and for a start that waits for the running instance to start or to
 * close.
 */
public final class ProgressSplash implements LaunchListener {

    /** The duration of a launch below which the splash does not appear. */
    static final Duration BLINK = Duration.ofMillis(400);

    private static final long PERIOD_MILLIS = 200;

    private final Words words;
    private @Nullable ScheduledExecutorService ticker;
    private @Nullable SplashWindow window;
    private @Nullable String doing;
    private long ticks;
    private long entered;

    /** Creates the splash for the application that has this environment. */
    public ProgressSplash(Environment environment) {
        this.words = new Words(environment);
    }

    @Override
    public synchronized void entered(LifecycleState next) {
        if (!next.isEnd()) {
            begin(next.toString());
        }
    }

    @Override
    public synchronized void waiting(Answer answer) {
        begin(answer.toString());
    }

    @Override
    public synchronized void waited() {
        end();
    }

    private synchronized void begin(String next) {
        if (GraphicsEnvironment.isHeadless()) {
            return;
        }
        doing = next;
        entered = ticks;
        if (ticker == null) {
            ticker = Executors.newSingleThreadScheduledExecutor(ProgressSplash::thread);
            var unused = ticker.scheduleAtFixedRate(this::tick, BLINK.toMillis(), PERIOD_MILLIS, TimeUnit.MILLISECONDS);
        }
    }

    @Override
    public synchronized void ended(LaunchReport report) {
        end();
    }

    private synchronized void end() {
        doing = null;
        if (ticker != null) {
            ticker.shutdown();
            ticker = null;
            EventQueue.invokeLater(this::hide);
        }
    }

    /** Returns the text to show now; empty once the launch has ended. */
    private synchronized Optional<String> next() {
        ticks++;
        return Optional.ofNullable(doing)
                .map(current -> words.doing(current, (ticks - entered) * PERIOD_MILLIS / 1000));
    }

    private void tick() {
        next().ifPresent(text -> EventQueue.invokeLater(() -> show(text)));
    }

    private void show(String text) {
        if (isOver()) {
            return;
        }
        if (window == null) {
            window = new SplashWindow(words);
            window.setVisible(true);
        }
        window.say(text);
    }

    private synchronized boolean isOver() {
        return doing == null;
    }

    private void hide() {
        if (window != null) {
            window.dispose();
            window = null;
        }
    }

    private static Thread thread(Runnable work) {
        Thread thread = new Thread(work, "relaunch-guard-splash");
        thread.setDaemon(true);
        return thread;
    }
}
