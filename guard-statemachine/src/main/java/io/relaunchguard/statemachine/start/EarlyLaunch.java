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
     * Begins the launch on a thread of its own.
     *
     * @param whenPermitted receives the permit before any other code has it
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

    /** Returns a launch that ended READY before the application. */
    static EarlyLaunch ended(LaunchPermit permit) {
        return new EarlyLaunch(permit.profile(), () -> Attempt.permitted(LaunchProgress.of(permit.report()), permit));
    }

    /**
     * Returns an object without a launch, for an application that may launch nothing.
     *
     * @param why the message of the stand-in for the permit to a caller that asks it for the profile
     */
    static EarlyLaunch none(String why) {
        return new EarlyLaunch(null, () -> Attempt.permitted(new LaunchProgress(), LaunchPermit.inert(why)));
    }

    /** Begins the launch anew, after it was HELD. */
    void again() {
        attempt = attempts.get();
    }

    /** Returns CEF's root cache path; empty if the application may launch nothing. */
    public Optional<Path> profile() {
        return Optional.ofNullable(profile);
    }

    /** Returns the progress of the launch. */
    public LaunchProgress progress() {
        return attempt.progress();
    }

    /**
     * Returns the permit. Waits for the end of the launch.
     *
     * @throws io.relaunchguard.statemachine.LaunchRefusedException if it yielded none
     */
    public LaunchPermit permit() {
        return attempt.result().join().permitOrThrow();
    }

    /** Returns whether {@link #permit} answers without waiting. */
    boolean hasEnded() {
        return attempt.result().isDone();
    }

    /** Returns whether there is a permit, or may be one when the launch has ended. */
    boolean mayBePermitted() {
        return !attempt.result().isDone() || isPermitted();
    }

    private boolean isPermitted() {
        return !attempt.result().isCompletedExceptionally()
                && attempt.result().join() instanceof LaunchResult.Permitted;
    }

    /** Runs the action with the permit, now or as soon as there is one. */
    void whenPermitted(Consumer<LaunchPermit> action) {
        var unused = attempt.result().thenAccept(ended -> {
            if (ended instanceof LaunchResult.Permitted permitted) {
                action.accept(permitted.permit());
            }
        });
    }

    /** Registers the launch, so that the beans of an application can use it. */
    void registerIn(ConfigurableApplicationContext context) {
        if (!context.getBeanFactory().containsLocalBean(BEAN_NAME)) {
            context.getBeanFactory().registerSingleton(BEAN_NAME, this);
        }
    }
}
