package io.relaunchguard.statemachine.start;

import io.relaunchguard.statemachine.LaunchGuard;
import io.relaunchguard.statemachine.LaunchPermit;
import io.relaunchguard.statemachine.LaunchProgress;
import io.relaunchguard.statemachine.LaunchResult;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.springframework.context.ConfigurableApplicationContext;

/** The launch of this application, under way or ended. Thread-safe. */
public final class EarlyLaunch {

    private static final String BEAN_NAME = "relaunchGuardEarlyLaunch";

    private final @Nullable Path profile;
    private final Supplier<Attempt> attempts;
    private volatile Attempt attempt;

    private record Attempt(LaunchProgress progress, CompletableFuture<LaunchResult> result) {

        static Attempt permitted(LaunchProgress progress, LaunchPermit permit) {
            return new Attempt(progress, CompletableFuture.completedFuture(new LaunchResult.Permitted(permit)));
        }
    }

    private EarlyLaunch(@Nullable Path profile, Supplier<Attempt> attempts) {
        this.profile = profile;
        this.attempts = attempts;
        this.attempt = attempts.get();
    }

    /**
     * Begins it on a thread of its own.
     *
     * @param whenPermitted is done with the permit before anybody else has it
     */
    static EarlyLaunch begin(LaunchGuard guard, Path profile, Consumer<LaunchPermit> whenPermitted) {
        return new EarlyLaunch(profile, () -> begin(guard, whenPermitted));
    }

    private static Attempt begin(LaunchGuard guard, Consumer<LaunchPermit> whenPermitted) {
        LaunchProgress progress = new LaunchProgress();
        LaunchGuard observed = guard.withListener(progress);
        CompletableFuture<LaunchResult> result = new CompletableFuture<>();
        Thread thread = new Thread(
                () -> {
                    try {
                        LaunchResult ended = observed.launch();
                        if (ended instanceof LaunchResult.Permitted permitted) {
                            whenPermitted.accept(permitted.permit());
                        }
                        result.complete(ended);
                    } catch (Throwable t) {
                        result.completeExceptionally(t);
                    }
                },
                "relaunch-guard-start");
        thread.setDaemon(true);
        thread.start();
        return new Attempt(progress, result);
    }

    /** One that ended READY before the application. */
    static EarlyLaunch ended(LaunchPermit permit) {
        return new EarlyLaunch(permit.profile(), () -> Attempt.permitted(LaunchProgress.of(permit.report()), permit));
    }

    /**
     * None: nothing may be launched here.
     *
     * @param why what the stand-in for the permit tells whoever asks it for the profile
     */
    static EarlyLaunch none(String why) {
        return new EarlyLaunch(null, () -> Attempt.permitted(new LaunchProgress(), LaunchPermit.inert(why)));
    }

    /** Begins it anew, after it was HELD. */
    void again() {
        attempt = attempts.get();
    }

    /** CEF's root cache path; empty where nothing may be launched. */
    public Optional<Path> profile() {
        return Optional.ofNullable(profile);
    }

    /** Where it is. */
    public LaunchProgress progress() {
        return attempt.progress();
    }

    /**
     * The permit. Waits for the end of the launch.
     *
     * @throws io.relaunchguard.statemachine.LaunchRefusedException if it yielded none
     */
    public LaunchPermit permit() {
        return attempt.result().join().permitOrThrow();
    }

    /** Whether {@link #permit} answers without waiting. */
    boolean hasEnded() {
        return attempt.result().isDone();
    }

    /** Whether there is a permit, or may be one when it has ended. */
    boolean mayBePermitted() {
        return !attempt.result().isDone() || isPermitted();
    }

    private boolean isPermitted() {
        return !attempt.result().isCompletedExceptionally()
                && attempt.result().join() instanceof LaunchResult.Permitted;
    }

    /** Does something with the permit, now or as soon as there is one. */
    void whenPermitted(Consumer<LaunchPermit> action) {
        var unused = attempt.result().thenAccept(ended -> {
            if (ended instanceof LaunchResult.Permitted permitted) {
                action.accept(permitted.permit());
            }
        });
    }

    /** Makes it known to the beans of an application. */
    void registerIn(ConfigurableApplicationContext context) {
        if (!context.getBeanFactory().containsLocalBean(BEAN_NAME)) {
            context.getBeanFactory().registerSingleton(BEAN_NAME, this);
        }
    }
}
