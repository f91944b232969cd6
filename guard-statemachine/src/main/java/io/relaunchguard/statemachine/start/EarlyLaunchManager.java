package io.relaunchguard.statemachine.start;

import static java.util.Objects.requireNonNull;

import io.relaunchguard.core.Observation;
import io.relaunchguard.core.consent.MarkerReading;
import io.relaunchguard.core.launch.LaunchListener;
import io.relaunchguard.core.launch.LaunchPolicy;
import io.relaunchguard.core.launch.Platform;
import io.relaunchguard.core.launch.ProfilePorts;
import io.relaunchguard.statemachine.LaunchGuard;
import io.relaunchguard.statemachine.LaunchHeldException;
import io.relaunchguard.statemachine.LaunchPermit;
import io.relaunchguard.statemachine.metrics.StartupSteps;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.context.ApplicationContext;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.Environment;
import org.springframework.core.io.support.SpringFactoriesLoader;

/** The manager of one application's launch, from the prepared environment to the end of the context. */
final class EarlyLaunchManager {

    private static final Log logger = LogFactory.getLog(EarlyLaunchManager.class);

    /**
     * The launches of this process, until the application that began them ends. A process has one browser on a profile:
     * other contexts in it, such as a parent, a child or one for management, share its launch. That is why this is
     * static.
     */
    private static final Map<Path, EarlyLaunch> OF_THIS_PROCESS = new ConcurrentHashMap<>();

    /**
     * The launches whose application the developer tools start again: the browser lives on, and with it the permit. The
     * developer tools keep what is in jars, such as this class, from one start to the next.
     */
    private static final Map<Path, Restarted> RESTARTED = new ConcurrentHashMap<>();

    private @Nullable SpringApplication application;
    private @Nullable EarlyLaunch launch;
    private boolean isOurs;
    private @Nullable ConfigurableApplicationContext context;
    private Duration grace = LaunchPolicy.DEFAULT.teardownGrace();
    private @Nullable HeldStarts heldStarts;
    private SecondStarts secondStarts = new SecondStarts();

    /** The objects that an application hands over to the one that takes its place in the same process. */
    private record Restarted(EarlyLaunch launch, SecondStarts secondStarts) {}

    /** Begins the launch, and waits for its end only if it will probably yield no permit. */
    void begin(SpringApplication application, ConfigurableEnvironment environment, String[] arguments) {
        Optional<SkipCheck.Skip> skip = SkipCheck.of(application, environment);
        if (skip.isPresent()) {
            logger.debug("No launch is run: " + skip.get().reason());
            skip.get().standIn().ifPresent(why -> launch = EarlyLaunch.none(why));
            return;
        }
        RelaunchGuardProperties properties =
                Binder.get(environment).bindOrCreate(RelaunchGuardProperties.PREFIX, RelaunchGuardProperties.class);
        Platform platform = platform();
        ProfilePorts ports =
                platform.open(ProfileDirectory.of(properties.profile(), application, environment, platform));
        boolean awaited = properties.startMode() == StartMode.BLOCKING || isLikelyHeld(ports);
        this.application = application;
        grace = properties.teardownGrace();
        launch = OF_THIS_PROCESS.computeIfAbsent(ports.profile(), absent -> {
            isOurs = true;
            Restarted restarted = RESTARTED.remove(absent);
            if (restarted != null) {
                logger.debug("No launch is run: this process has one, and its application starts again");
                secondStarts = restarted.secondStarts();
                return restarted.launch();
            }
            List<LaunchListener> listeners = extensions(LaunchListener.class, environment);
            heldStarts =
                    new HeldStarts(ports, properties, arguments, extensions(HeldHandler.class, environment), listeners);
            return EarlyLaunch.begin(
                    guard(ports, properties.policy(), listeners)
                            .withVersion(RunningVersion.of(properties.version(), application)),
                    ports.profile(),
                    permit -> permitted(permit, properties.secondStart().enabled()));
        });
        if (!isOurs) {
            logger.debug("No launch is run: this process has one on " + ports.profile());
        }
        if (awaited) {
            permit();
        }
    }

    /** Registers the launch with the context, for its beans. */
    void adopt(ConfigurableApplicationContext initialized) {
        context = initialized;
        if (launch != null) {
            launch.registerIn(initialized);
            if (isOurs) {
                initialized.getBeanFactory().registerSingleton("relaunchGuardSecondStarts", secondStarts);
            }
            throwIfRefused();
        }
    }

    /**
     * Makes the context wait until the launch has ended with a permit, before it creates any bean of the application.
     */
    void awaitBeforeBeans(ConfigurableApplicationContext prepared) {
        if (launch != null) {
            throwIfRefused();
            prepared.addBeanFactoryPostProcessor(beanFactory -> permit());
        }
    }

    /** Ends the launch if the context that has closed is the application's, and not one below it. */
    void closed(ApplicationContext closed) {
        if (closed == context) {
            if (launch != null && isOurs && !DeveloperTools.areRestarting()) {
                OrderlyClose closing = new OrderlyClose(requireNonNull(context), grace);
                launch.whenPermitted(closing::begin);
            }
            end();
        }
    }

    /** Ends the launch after the application has ended, or failed to start. */
    void end() {
        EarlyLaunch ended = launch;
        if (ended != null && isOurs) {
            OF_THIS_PROCESS.values().remove(ended);
            if (DeveloperTools.areRestarting() && ended.mayBePermitted()) {
                isOurs = false; // but of the application that takes this one's place
                secondStarts.startAgain();
                ended.profile().ifPresent(profile -> RESTARTED.put(profile, new Restarted(ended, secondStarts)));
            } else {
                secondStarts.close();
                ended.whenPermitted(LaunchPermit::close);
            }
        }
    }

    /**
     * Returns whether the launch will probably be HELD: there is a lock, and no process has consented to end. The
     * context need not even begin to start then.
     */
    private static boolean isLikelyHeld(ProfilePorts ports) {
        try {
            return !(ports.lock().read() instanceof Observation.Absent)
                    && ports.markers().peek() instanceof MarkerReading.Absent;
        } catch (RuntimeException | LinkageError e) {
            // The launch looks for itself and reports what breaks.
            logger.debug("Whether the launch will be held is not known", e);
            return false;
        }
    }

    private LaunchGuard guard(ProfilePorts ports, LaunchPolicy policy, List<LaunchListener> listeners) {
        LaunchGuard guard = LaunchGuard.on(ports)
                .withPolicy(policy)
                .withListener(new StartupSteps(requireNonNull(application).getApplicationStartup()));
        for (LaunchListener listener : listeners) {
            guard = guard.withListener(listener);
        }
        return guard;
    }

    private void throwIfRefused() {
        if (launch != null && launch.hasEnded()) {
            permit();
        }
    }

    /** Waits for the permit. If the launch is HELD, it waits anew as often as the launch is tried again. */
    private void permit() {
        while (true) {
            try {
                var unused = requireNonNull(launch).permit();
                return;
            } catch (LaunchHeldException e) {
                if (heldStarts == null || !heldStarts.isToBeTriedAgain(e)) {
                    throw e;
                }
            }
            requireNonNull(launch).again();
        }
    }

    private void permitted(LaunchPermit permit, boolean hearsSecondStarts) {
        if (hearsSecondStarts) {
            // Listen before the permit closes: only under the launch lock may this take another instance's place.
            secondStarts.listen(permit);
        }
        closeOnceLocked(permit);
    }

    private static void closeOnceLocked(LaunchPermit permit) {
        try {
            permit.closeOnceLocked();
        } catch (UncheckedIOException e) {
            logger.warn("Other launchers wait until the permit is closed by the application", e);
        }
    }

    private static Platform platform() {
        try {
            return LaunchGuard.currentPlatform();
        } catch (IllegalStateException e) {
            throw new LaunchUnavailableException(
                    String.valueOf(e.getMessage()),
                    "Add guard-platform, or set relaunch-guard.enabled=false on this operating system.");
        }
    }

    private <T> List<T> extensions(Class<T> type, ConfigurableEnvironment environment) {
        return SpringFactoriesLoader.forDefaultResourceLocation(
                        requireNonNull(application).getClassLoader())
                .load(
                        type,
                        SpringFactoriesLoader.ArgumentResolver.of(Environment.class, environment),
                        // A splash that breaks is no reason not to start.
                        SpringFactoriesLoader.FailureHandler.logging(logger));
    }
}
