package io.relaunchguard.statemachine.start;

import io.relaunchguard.statemachine.LaunchGuard;
import io.relaunchguard.statemachine.LaunchPermit;
import io.relaunchguard.statemachine.LaunchProgress;
import io.relaunchguard.statemachine.LaunchResult;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.springframework.context.ConfigurableApplicationContext;

/** The launch of this application, under way or ended. Thread-safe. */
public final class EarlyLaunch {

    private static final String BEAN_NAME = "relaunchGuardEarlyLaunch";

    private final @Nullable Path profile;
    private final LaunchProgress progress;
    private final CompletableFuture<LaunchResult> result;

    private EarlyLaunch(@Nullable Path profile, LaunchProgress progress, CompletableFuture<LaunchResult> result) {
        this.profile = profile;
        this.progress = progress;
        this.result = result;
    }

    /** Begins it on a thread of its own. */
    static EarlyLaunch begin(LaunchGuard guard, Path profile) {
        LaunchProgress progress = new LaunchProgress();
        LaunchGuard observed = guard.withListener(progress);
        CompletableFuture<LaunchResult> result = new CompletableFuture<>();
        Thread thread = new Thread(
                () -> {
                    try {
                        result.complete(observed.launch());
                    } catch (Throwable t) {
                        result.completeExceptionally(t);
                    }
                },
                "relaunch-guard-start");
        thread.setDaemon(true);
        thread.start();
        return new EarlyLaunch(profile, progress, result);
    }

    /** One that ended READY before the application. */
    static EarlyLaunch ended(LaunchPermit permit) {
        return new EarlyLaunch(
                permit.profile(),
                LaunchProgress.of(permit.report()),
                CompletableFuture.completedFuture(new LaunchResult.Permitted(permit)));
    }

    /** None: nothing may be launched here. */
    static EarlyLaunch none() {
        return new EarlyLaunch(
                null,
                new LaunchProgress(),
                CompletableFuture.completedFuture(new LaunchResult.Permitted(LaunchPermit.inert())));
    }

    /** CEF's root cache path; empty where nothing may be launched. */
    public Optional<Path> profile() {
        return Optional.ofNullable(profile);
    }

    /** Where it is. */
    public LaunchProgress progress() {
        return progress;
    }

    /**
     * The permit. Waits for the end of the launch.
     *
     * @throws io.relaunchguard.statemachine.LaunchRefusedException if it yielded none
     */
    public LaunchPermit permit() {
        return result.join().permitOrThrow();
    }

    /** Whether {@link #permit} answers without waiting. */
    boolean hasEnded() {
        return result.isDone();
    }

    /** Does something with the permit, now or as soon as there is one. */
    void whenPermitted(Consumer<LaunchPermit> action) {
        var unused = result.thenAccept(ended -> {
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
