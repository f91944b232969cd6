package io.relaunchguard.statemachine.start;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.relaunchguard.core.Observation;
import io.relaunchguard.core.Watch;
import io.relaunchguard.core.consent.MarkerReading;
import io.relaunchguard.core.launch.LaunchListener;
import io.relaunchguard.core.launch.LaunchReport;
import io.relaunchguard.core.launch.Outcome;
import io.relaunchguard.core.launch.UpdateEffect;
import io.relaunchguard.core.lifecycle.LifecycleState;
import io.relaunchguard.core.lock.SingletonLock;
import io.relaunchguard.core.process.ExecutionState;
import io.relaunchguard.core.process.ProcessIdentity;
import io.relaunchguard.core.process.SentSignal;
import io.relaunchguard.core.process.Signal;
import io.relaunchguard.core.secondstart.HandOver;
import io.relaunchguard.core.secondstart.Patience;
import io.relaunchguard.core.secondstart.SecondStart;
import io.relaunchguard.statemachine.ConsentRefusedException;
import io.relaunchguard.statemachine.LaunchFailedException;
import io.relaunchguard.statemachine.LaunchGuard;
import io.relaunchguard.statemachine.LaunchHeldException;
import io.relaunchguard.statemachine.LaunchPermit;
import io.relaunchguard.statemachine.LaunchProgress;
import io.relaunchguard.statemachine.LaunchRefusedException;
import io.relaunchguard.statemachine.SecondStartHandler;
import io.relaunchguard.statemachine.desktop.WindowToFront;
import io.relaunchguard.statemachine.history.LaunchHistory;
import io.relaunchguard.statemachine.world.CallHook;
import io.relaunchguard.statemachine.world.Port;
import io.relaunchguard.statemachine.world.Scenario;
import io.relaunchguard.statemachine.world.World;
import io.relaunchguard.statemachine.world.World.LaunchLockOwner;
import io.relaunchguard.statemachine.world.WorldPlatform;
import io.relaunchguard.statemachine.world.WorldProcess;
import java.awt.AWTError;
import java.awt.HeadlessException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.springframework.beans.factory.NoSuchBeanDefinitionException;
import org.springframework.boot.ExitCodeGenerator;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.autoconfigure.info.ProjectInfoAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.context.event.ApplicationContextInitializedEvent;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;
import org.springframework.boot.devtools.restart.RestartStandIn;
import org.springframework.context.ApplicationListener;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.event.EventListener;
import org.springframework.core.SpringProperties;
import org.springframework.core.env.Environment;
import org.springframework.core.io.DefaultResourceLoader;

/** Real applications, started on profiles that are worlds. */
class EarlyStartTest {

    private static final List<String> HAPPENED = new CopyOnWriteArrayList<>();

    @TempDir
    private Path profile;

    @TempDir
    private Path classes;

    /** An application that initialises a browser, and fails when it is told to. */
    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    static class Launcher {

        @Bean
        Browser browser(LaunchPermit permit) {
            HAPPENED.add("browser");
            return new Browser(permit);
        }
    }

    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    static class Other {

        @Bean
        String bean() {
            HAPPENED.add("bean");
            return "bean";
        }
    }

    @Configuration(proxyBeanMethods = false)
    static class Broken {

        @Bean
        Object broken() {
            throw new IllegalStateException("this bean is broken");
        }
    }

    record Browser(LaunchPermit permit) {}

    /** Named in a spring.factories of its own class loader. */
    public static final class Window implements HeldHandler, LaunchListener {

        @Override
        public Decision held(HeldLaunch launch) {
            HAPPENED.add("told: " + launch.report().outcome());
            throw new IllegalStateException("there is no display");
        }

        @Override
        public void entered(LifecycleState state) {
            HAPPENED.add(state.name());
        }
    }

    /** A person who ends what does not answer, and tries again. */
    public static final class Impatient implements HeldHandler {

        private final Environment environment;

        Impatient(Environment environment) {
            this.environment = environment;
        }

        @Override
        public Decision held(HeldLaunch launch) {
            HAPPENED.add("told " + environment.getProperty("spring.application.name"));
            assertThat(launch.handedOver()).isEmpty();
            assertThat(launch.endable()).as("before it was asked").isEmpty();
            HandOver asked = launch.handOver();
            assertThat(launch.handedOver()).contains(asked);
            if (launch.endable().isEmpty()) {
                HAPPENED.add("must not be ended: " + asked);
                return Decision.QUIT;
            }
            try {
                launch.consentToEnd(launch.endable().get());
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            return Decision.TRY_AGAIN;
        }
    }

    @BeforeEach
    @AfterEach
    void nothingHasHappened() {
        HAPPENED.clear();
        WorldPlatform.reset();
    }

    @Test
    void aFreeProfileGivesThePermitToWhoeverInitialisesTheBrowser() {
        World world = world(new World());
        try (ConfigurableApplicationContext context =
                application(Launcher.class).run()) {
            Browser browser = context.getBean(Browser.class);
            assertThat(browser.permit().profile()).isEqualTo(profile);
            assertThat(browser.permit().report().outcome()).isEqualTo(Outcome.READY);
            assertThat(context.getBean(LaunchProgress.class).report())
                    .contains(browser.permit().report());
            assertThat(world.launchLock).isEqualTo(LaunchLockOwner.THIS_LAUNCHER);
        }
        assertThat(world.launchLock).isEqualTo(LaunchLockOwner.NOBODY);
        assertThat(world.open).isEmpty();
    }

    @Test
    void anApplicationThatFailsToStartLetsOtherLaunchersGoOn() {
        World world = world(new World());
        assertThatThrownBy(() -> application(Launcher.class, Broken.class).run())
                .hasStackTraceContaining("this bean is broken");
        assertThat(world.launchLock).isEqualTo(LaunchLockOwner.NOBODY);
        assertThat(world.open).isEmpty();
    }

    @Test
    void thePermitIsClosedAsSoonAsABrowserHasTheLock() {
        World world = world(new World());
        try (ConfigurableApplicationContext context =
                application(Launcher.class).run()) {
            assertThat(context.getBean(Browser.class)).isNotNull();
            world.lockNames(world.launcher);
            assertThat(world.launchLock).isEqualTo(LaunchLockOwner.NOBODY);
            assertThat(world.open).isEmpty();
        }
    }

    @Test
    @Tag("H21")
    void aHeldProfileEndsTheStartBeforeThereIsAContext() {
        World world = world(new World());
        world.lockNames(world.process(200));
        SpringApplication application = application(Other.class);
        application.addListeners(
                (ApplicationListener<ApplicationContextInitializedEvent>) event -> HAPPENED.add("context"));

        LaunchHeldException held = catchThrowableOfType(LaunchHeldException.class, application::run);

        assertThat(held.getExitCode()).isEqualTo(3);
        assertThat(held).isInstanceOf(ExitCodeGenerator.class);
        assertThat(held.profile()).isEqualTo(profile);
        assertThat(held.report().outcome()).isEqualTo(Outcome.HELD);
        assertThat(HAPPENED).isEmpty();
        assertThat(world.signals).isEmpty();
    }

    @Test
    @Tag("H07")
    void aLaunchThatTurnsOutToBeHeldEndsTheStartBeforeTheFirstBean() {
        World world = world(new World());
        world.launchLock = LaunchLockOwner.ANOTHER;

        assertThatThrownBy(() -> application(Other.class).run()).isInstanceOf(LaunchHeldException.class);

        assertThat(HAPPENED).isEmpty();
    }

    @Test
    @Tag("H26")
    void aGuardThatBreaksWhileALockIsPresentEndsTheStartWithItsOwnExitCode() {
        World world = world(Scenario.WEDGED.world());
        world.hook = new CallHook() {
            @Override
            public void beforeCall(Port port, int index) {
                if (port == Port.HOST_READ) {
                    throw new UnsatisfiedLinkError("no libc");
                }
            }
        };

        LaunchRefusedException failed = catchThrowableOfType(
                LaunchRefusedException.class, () -> application(Other.class).run());

        assertThat(failed).isInstanceOf(LaunchFailedException.class);
        assertThat(failed.getExitCode()).isEqualTo(4);
        assertThat(HAPPENED).isEmpty();
        assertThat(world.signals).isEmpty();
    }

    @Test
    @Tag("H26")
    void aFirstLookThatBreaksStopsNoGoodLaunch() {
        World world = world(new World());
        WorldProcess old = world.process(200);
        world.lockNames(old);
        world.exit(old);
        world.hook = new CallHook() {
            @Override
            public void beforeCall(Port port, int index) {
                if (port == Port.MARKER_PEEK) {
                    throw new UnsatisfiedLinkError("no libc");
                }
            }
        };
        application(Other.class).run().close();
        assertThat(HAPPENED).containsExactly("bean");
    }

    @Test
    void aWedgedInstanceThatConsentedIsEndedWhileTheContextStarts() {
        World world = world(Scenario.WEDGED.world());
        try (ConfigurableApplicationContext context =
                application(Launcher.class).run()) {
            assertThat(context.getBean(Browser.class).permit().report().signals())
                    .isNotEmpty();
        }
        assertThat(world.violations).isEmpty();
    }

    @Test
    @Tag("H51")
    void theVersionThatRunsIsTheOneThatIsSet() throws IOException {
        buildInfo("1.3");
        assertThat(updateOf("--relaunch-guard.version=1.5")).isEqualTo(new UpdateEffect.Applied("1.5"));
    }

    @Test
    @Tag("H51")
    void theVersionThatRunsIsThatOfTheBuildInformationWhereThereIsNoManifest() throws IOException {
        buildInfo("1.4");
        assertThat(updateOf()).isEqualTo(new UpdateEffect.NotApplied("1.5", "1.4"));
    }

    @Test
    @Tag("H51")
    void theVersionThatRunsIsByDefaultThatOfTheManifestThatGoesWithTheMainClass() throws IOException {
        buildInfo("1.5");
        assertThat(updateOf(SpringApplication.class))
                .isEqualTo(new UpdateEffect.NotApplied(
                        "1.5", SpringApplication.class.getPackage().getImplementationVersion()));
    }

    @Test
    @Tag("H51")
    void withoutBuildInformationAndManifestTheVersionThatRunsIsNotKnown() {
        assertThat(updateOf()).isInstanceOf(UpdateEffect.Unknown.class);
    }

    private void buildInfo(String version) throws IOException {
        Path file = Files.createDirectories(classes.resolve("META-INF")).resolve("build-info.properties");
        Files.writeString(file, "build.artifact=launcher\nbuild.version=" + version + "\n");
    }

    private UpdateEffect updateOf(String... arguments) {
        return updateOf(Launcher.class, arguments);
    }

    private UpdateEffect updateOf(Class<?> main, String... arguments) {
        world(Scenario.WEDGED.world());
        SpringApplication application = application(Launcher.class);
        application.setMainApplicationClass(main);
        // Its bean is made from the class path of the tests, which has no build information.
        application.setDefaultProperties(Map.of(
                "spring.autoconfigure.exclude",
                ProjectInfoAutoConfiguration.class.getName(),
                "relaunch-guard.profile",
                profile.toString(),
                "relaunch-guard.skip.in-tests",
                "false"));
        try (URLClassLoader loader = new URLClassLoader(
                new URL[] {classes.toUri().toURL()}, getClass().getClassLoader())) {
            application.setResourceLoader(new DefaultResourceLoader(loader));
            try (ConfigurableApplicationContext context = application.run(arguments)) {
                return context.getBean(Browser.class).permit().report().update();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    @Tag("H27")
    void nothingIsLaunchedInATrainingRunAndItsPermitPermitsNothing() {
        World world = world(Scenario.WEDGED.world());
        SpringProperties.setProperty("spring.context.exit", "onRefresh");
        // In this JVM Spring has read the property already, so that the context lives on.
        try (ConfigurableApplicationContext context =
                application(Launcher.class).run()) {
            assertThatThrownBy(context.getBean(Browser.class).permit()::profile)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("in this training run");
        } finally {
            SpringProperties.setProperty("spring.context.exit", null);
        }
        assertThat(HAPPENED).containsExactly("browser");
        assertThat(world.signals).isEmpty();
        assertThat(world.historyLines).isEmpty();
    }

    @Test
    @Tag("H27")
    void aStandInForAPermitGivesNoProfileAway() {
        LaunchPermit inert = LaunchPermit.inert("this is a rehearsal");
        assertThatThrownBy(inert::profile)
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("this is a rehearsal");
        assertThatThrownBy(inert::report).isInstanceOf(IllegalStateException.class);
        inert.closeOnceLocked().close();
    }

    @Test
    @Tag("H65")
    void nothingIsLaunchedInATestOfTheApplicationAndItsPermitSaysSo() {
        World world = world(Scenario.WEDGED.world());
        try (ConfigurableApplicationContext context =
                application(Launcher.class).run("--relaunch-guard.skip.in-tests=true")) {
            assertThatThrownBy(context.getBean(Browser.class).permit()::profile)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("in this test")
                    .hasMessageContaining("relaunch-guard.skip.in-tests=false");
            assertThat(context.getBean(LaunchProgress.class).report()).isEmpty();
        }
        SpringApplication byDefault = new SpringApplicationBuilder(Other.class)
                .web(WebApplicationType.NONE)
                .properties("relaunch-guard.profile=" + profile)
                .build();
        byDefault.run().close();
        assertThat(HAPPENED).containsExactly("browser", "bean");
        assertThat(world.signals).isEmpty();
        assertThat(world.historyLines).isEmpty();
        assertThat(world.launchLock).isEqualTo(LaunchLockOwner.NOBODY);
    }

    /** What runs it is no test, though the class path has everything that runs tests. */
    @Test
    @Tag("H65")
    void aThreadThatRunsNoTestLaunches() throws InterruptedException {
        World world = world(Scenario.WEDGED.world());
        Thread main = new Thread(() -> application(Other.class)
                .run("--relaunch-guard.skip.in-tests=true")
                .close());
        main.start();
        main.join();
        assertThat(HAPPENED).containsExactly("bean");
        assertThat(launches(world)).isEqualTo(1);
    }

    @Test
    @Tag("H27")
    void nothingIsLaunchedWhenTheApplicationIsProcessedAheadOfTime() {
        World world = world(Scenario.WEDGED.world());
        System.setProperty("spring.aot.processing", "true");
        try (ConfigurableApplicationContext context = application(Other.class).run()) {
            assertThat(context.getBeanNamesForType(EarlyLaunch.class)).isEmpty();
        } finally {
            System.clearProperty("spring.aot.processing");
        }
        assertThat(world.signals).isEmpty();
        assertThat(world.launchLock).isEqualTo(LaunchLockOwner.NOBODY);
    }

    @Test
    @Tag("H27")
    void aSecondContextOfTheProcessSharesTheLaunchAndDoesNotEndIt() {
        World world = world(new World());
        try (ConfigurableApplicationContext first = application(Launcher.class).run()) {
            try (ConfigurableApplicationContext second =
                    application(Launcher.class).run()) {
                assertThat(second.getBean(LaunchPermit.class)).isSameAs(first.getBean(LaunchPermit.class));
            }
            assertThat(world.launchLock).isEqualTo(LaunchLockOwner.THIS_LAUNCHER);
            assertThat(first.getBean(LaunchProgress.class).report())
                    .contains(first.getBean(LaunchPermit.class).report());
        }
    }

    @Test
    @Tag("H27")
    void aChildContextSharesTheLaunchOfItsParent() {
        World world = world(new World());
        try (ConfigurableApplicationContext child = new SpringApplicationBuilder(Other.class)
                .web(WebApplicationType.NONE)
                .properties("relaunch-guard.profile=" + profile, "relaunch-guard.skip.in-tests=false")
                .child(Launcher.class)
                .web(WebApplicationType.NONE)
                .run()) {
            assertThat(child.getBean(Browser.class).permit().report().outcome()).isEqualTo(Outcome.READY);
            assertThat(child.getParent()).isInstanceOf(ConfigurableApplicationContext.class);
            ((ConfigurableApplicationContext) requireNonNull(child.getParent())).close();
        }
        assertThat(world.launchLock).isEqualTo(LaunchLockOwner.NOBODY);
    }

    @Test
    void anApplicationStartedAfterTheFirstHasEndedIsJudgedAfresh() {
        World world = world(new World());
        application(Launcher.class).run().close();
        world.lockNames(world.process(200));
        assertThatThrownBy(() -> application(Launcher.class).run()).isInstanceOf(LaunchHeldException.class);
    }

    @Test
    @Tag("H07")
    void aRestartByTheDeveloperToolsKeepsThePermitThoughTheBrowserOfThisProcessHasTheLock() throws Exception {
        World world = world(new World());
        ConfigurableApplicationContext first = application(Launcher.class).run();
        LaunchPermit permit = first.getBean(LaunchPermit.class);
        world.lockNames(world.launcher);
        RestartStandIn.call(() -> {
            first.close();
            return first;
        });
        try (ConfigurableApplicationContext second =
                RestartStandIn.call(() -> application(Launcher.class).run())) {
            assertThat(second.getBean(Browser.class).permit()).isSameAs(permit);
            assertThat(second.getBean(LaunchProgress.class).report()).contains(permit.report());
        }
        assertThat(launches(world)).isEqualTo(1);
        assertThatThrownBy(() -> application(Launcher.class).run())
                .as("what the application itself closes has ended")
                .isInstanceOf(LaunchHeldException.class);
    }

    @Test
    @Tag("H07")
    void aRestartLetsNoOtherLauncherIn() throws Exception {
        World world = world(new World());
        ConfigurableApplicationContext first = application(Launcher.class).run();
        RestartStandIn.call(() -> {
            first.close();
            return first;
        });
        assertThat(world.launchLock).isEqualTo(LaunchLockOwner.THIS_LAUNCHER);
        application(Launcher.class).run().close();
        assertThat(world.launchLock).isEqualTo(LaunchLockOwner.NOBODY);
        assertThat(world.open).isEmpty();
    }

    @Test
    void aChangeThatBreaksTheApplicationAndOneThatMendsItKeepThePermit() {
        World world = world(new World());
        assertThatThrownBy(() -> RestartStandIn.call(
                        () -> application(Launcher.class, Broken.class).run()))
                .hasStackTraceContaining("this bean is broken");
        world.lockNames(world.launcher);
        try (ConfigurableApplicationContext mended = application(Launcher.class).run()) {
            assertThat(mended.isActive()).isTrue();
        }
        assertThat(launches(world)).isEqualTo(1);
    }

    @Test
    void aLaunchThatWasHeldIsRunAgainByTheNextRestart() throws Exception {
        World held = world(Scenario.HEALTHY.world());
        assertThatThrownBy(() ->
                        RestartStandIn.call(() -> application(Launcher.class).run()))
                .isInstanceOf(LaunchHeldException.class);
        assertThat(launches(held)).isEqualTo(1);
        World free = world(new World());
        RestartStandIn.call(() -> application(Launcher.class).run()).close();
        assertThat(launches(free)).isEqualTo(1);
    }

    @Test
    void aDisabledGuardTouchesNothingAndGivesNoPermit() {
        World world = world(Scenario.WEDGED.world());
        assertThatThrownBy(() -> application(Launcher.class).run("--relaunch-guard.enabled=false"))
                .hasRootCauseInstanceOf(NoSuchBeanDefinitionException.class);
        application(Other.class).run("--relaunch-guard.enabled=false").close();
        assertThat(world.signals).isEmpty();
        assertThat(HAPPENED).containsExactly("bean");
    }

    @Test
    void aPermitObtainedBeforeTheApplicationIsItsBeanAndStaysOpen() {
        World world = world(new World());
        try (LaunchPermit permit = LaunchGuard.forProfile(profile).launch().permitOrThrow()) {
            SpringApplication application = application(Launcher.class);
            application.addInitializers(new PermitInitializer(permit));
            try (ConfigurableApplicationContext context = application.run()) {
                assertThat(context.getBean(Browser.class).permit()).isSameAs(permit);
                assertThat(context.getBean(LaunchProgress.class).report()).contains(permit.report());
            }
            assertThat(world.launchLock).isEqualTo(LaunchLockOwner.THIS_LAUNCHER);
        }
        assertThat(world.launchLock).isEqualTo(LaunchLockOwner.NOBODY);
    }

    @Test
    void theUserIsToldOnceByWhoeverIsNamedInSpringFactories() throws IOException {
        World world = world(new World());
        world.lockNames(world.process(200));
        SpringApplication application = application(Other.class);
        application.setResourceLoader(
                new DefaultResourceLoader(naming(HeldHandler.class, Window.class, LaunchListener.class, Window.class)));

        assertThatThrownBy(application::run).isInstanceOf(LaunchHeldException.class);

        assertThat(HAPPENED)
                .containsExactly("START", "MARKER_CHECK", "HOLDER_READ", "DECIDE", "PREFLIGHT", "HELD", "told: HELD");
    }

    @Test
    @Tag("H29")
    void aPersonMayEndAnInstanceThatIsStoppedAndTheNextLaunchDoesItByEveryRule() throws IOException {
        World world = world(new World());
        WorldProcess wedged = world.process(200);
        wedged.ignoresTerm = true;
        wedged.state = ExecutionState.STOPPED;
        world.lockNames(wedged);
        SpringApplication application = application(Launcher.class);
        application.setResourceLoader(new DefaultResourceLoader(naming(HeldHandler.class, Impatient.class)));

        try (ConfigurableApplicationContext context = application.run("--spring.application.name=me")) {
            LaunchReport report = context.getBean(LaunchPermit.class).report();
            assertThat(report.signals())
                    .extracting(SentSignal::signal)
                    .containsExactly(Signal.TERM, Signal.CONT, Signal.KILL);
            assertThat(context.getBean(LaunchProgress.class).report()).contains(report);
        }

        assertThat(HAPPENED).containsExactly("told me", "browser");
        assertThat(world.violations).isEmpty();
    }

    @Test
    @Tag("H29")
    void aPersonIsNotAskedToEndAnInstanceThatCannotBeToldToBeTheirs() throws IOException {
        World world = world(new World());
        WorldProcess other = world.process(200);
        other.user = Observation.seen("another");
        world.lockNames(other);
        SpringApplication application = application(Other.class);
        application.setResourceLoader(new DefaultResourceLoader(naming(HeldHandler.class, Impatient.class)));

        assertThatThrownBy(application::run).isInstanceOf(LaunchHeldException.class);

        assertThat(HAPPENED)
                .hasSize(2)
                .last()
                .asString()
                .startsWith("must not be ended: Refused[reason=it is not certain");
        assertThat(world.signals).isEmpty();
    }

    @Test
    @Tag("H29")
    void theConsentOfAPersonIsForTheProcessTheyWereAskedAboutAlone() throws IOException {
        World world = world(new World());
        WorldProcess seen = world.process(200);
        seen.state = ExecutionState.STOPPED;
        world.lockNames(seen);
        LaunchReport report = LaunchGuard.forProfile(profile).launch().report();
        HeldStart held = heldStart(world, report);
        ProcessIdentity holder = report.holder().toOptional().orElseThrow();
        assertThatThrownBy(() -> held.consentToEnd(holder)).isInstanceOf(IllegalStateException.class);
        held.handOver();
        world.exit(seen);
        world.process(200);

        assertThatThrownBy(() -> held.consentToEnd(holder))
                .isInstanceOf(ConsentRefusedException.class)
                .hasMessageContaining("another has its PID now");

        assertThat(world.marker).isEqualTo(new MarkerReading.Absent());
    }

    @Test
    @Tag("H38")
    void nobodyIsAskedToEndAnInstanceThatWasNotFoundToBeSilent() {
        World world = world(new World());
        world.lockNames(world.process(200));
        LaunchReport report = LaunchGuard.forProfile(profile).launch().report();

        HeldStart unheard = heldStart(world, report);
        assertThat(unheard.handOver()).isInstanceOf(HandOver.Nobody.class);
        assertThat(unheard.endable()).isEmpty();

        HeldStart unasked = heldStart(world, report, "longer than may be sent".repeat(10_000));
        assertThat(unasked.handOver()).isInstanceOf(HandOver.NotAsked.class);
        assertThat(unasked.endable()).isEmpty();
    }

    /** An AWTError, when there is no X server, is neither an exception nor a linkage error. */
    @Test
    @Tag("H21")
    void aDialogOrSplashThatBreaksWithAnErrorLeavesTheStartHeld() throws IOException {
        World world = world(new World());
        world.lockNames(world.process(200));
        SpringApplication application = application(Other.class);
        application.setResourceLoader(new DefaultResourceLoader(
                naming(HeldHandler.class, BrokenWindow.class, LaunchListener.class, BrokenWindow.class)));
        assertThatThrownBy(application::run).isInstanceOf(LaunchHeldException.class);
        assertThat(HAPPENED).containsExactly("broken");

        HAPPENED.clear();
        SpringApplication unmade = application(Other.class);
        unmade.setResourceLoader(new DefaultResourceLoader(naming(HeldHandler.class, UnmadeWindow.class)));
        assertThatThrownBy(unmade::run).isInstanceOf(LaunchHeldException.class);
    }

    /** A dialog and a splash that work nowhere. */
    public static final class BrokenWindow implements HeldHandler, LaunchListener {

        @Override
        public Decision held(HeldLaunch launch) {
            HAPPENED.add("broken");
            throw new AWTError("Can't connect to X11 window server");
        }

        @Override
        public void entered(LifecycleState state) {
            throw new AWTError("Can't connect to X11 window server");
        }
    }

    /** A dialog that cannot be made. */
    public static final class UnmadeWindow implements HeldHandler {

        public UnmadeWindow() {
            throw new AWTError("Can't connect to X11 window server");
        }

        @Override
        public Decision held(HeldLaunch launch) {
            return Decision.QUIT;
        }
    }

    static Stream<Throwable> whatADialogMayBreakWith() {
        return Stream.of(
                new NoClassDefFoundError("java/awt/Dialog"),
                new HeadlessException(),
                new StackOverflowError(),
                new ExceptionInInitializerError(),
                new OutOfMemoryError("unable to create native thread"));
    }

    @ParameterizedTest
    @MethodSource("whatADialogMayBreakWith")
    @Tag("H38")
    void aDialogThatBreaksWithAnythingLeavesTheStartHeld(Throwable broken) throws IOException {
        Breaking.with = Optional.of(broken);
        assertThatThrownBy(() -> heldBefore(Breaking.class).run()).isInstanceOf(LaunchHeldException.class);
    }

    @Test
    @Tag("H38")
    void aDialogThatDecidesNothingLeavesTheStartHeld() throws IOException {
        Breaking.with = Optional.empty();
        assertThatThrownBy(() -> heldBefore(Breaking.class).run()).isInstanceOf(LaunchHeldException.class);
    }

    private SpringApplication heldBefore(Class<?> dialog) throws IOException {
        World world = world(new World());
        world.lockNames(world.process(200));
        SpringApplication application = application(Other.class);
        application.setResourceLoader(new DefaultResourceLoader(naming(HeldHandler.class, dialog)));
        return application;
    }

    /** A dialog that breaks with what a test has set, or decides nothing. */
    public static final class Breaking implements HeldHandler {

        static Optional<Throwable> with = Optional.empty();

        @Override
        public Decision held(HeldLaunch launch) {
            if (with.isPresent() && with.get() instanceof Error error) {
                throw error;
            }
            if (with.isPresent()) {
                throw (RuntimeException) with.get();
            }
            // As code does that no null checker has read.
            return null;
        }
    }

    /** As when a person closes the application and starts it again at once. */
    @Test
    @Tag("H38")
    void anInstanceThatGoesBetweenTheVerdictAndTheQuestionIsNoObstacle() throws IOException {
        World world = world(new World());
        WorldProcess holder = world.process(200);
        world.lockNames(holder);
        Ending.holder = () -> world.exit(holder);
        SpringApplication application = application(Other.class);
        application.setResourceLoader(new DefaultResourceLoader(naming(LaunchListener.class, Ending.class)));

        application.run("--relaunch-guard.second-start.enabled=true").close();

        assertThat(HAPPENED).contains("bean");
        assertThat(world.signals).isEmpty();
    }

    /** Ends the holder once it was spared. */
    public static final class Ending implements LaunchListener {

        static Runnable holder = () -> {};

        @Override
        public void ended(LaunchReport report) {
            if (report.outcome() == Outcome.HELD) {
                holder.run();
            }
        }
    }

    /** As an error of a native library, or of a class that is missing here: that says nothing about the running instance. */
    @Test
    @Tag("H38")
    void whatBreaksWhileTheRunningInstanceIsAskedIsThisStartsOwnFault() {
        World world = world(new World());
        world.lockNames(world.process(200));
        HeldStart held =
                heldStart(world, LaunchGuard.forProfile(profile).launch().report());
        world.hook = new CallHook() {
            @Override
            public void beforeCall(Port port, int index) {
                if (port == Port.PIN_IDENTITY) {
                    throw new NoClassDefFoundError("jdk/net/ExtendedSocketOptions");
                }
            }
        };
        assertThat(held.handOver())
                .isEqualTo(new HandOver.NotAsked("java.lang.NoClassDefFoundError: jdk/net/ExtendedSocketOptions"));
        assertThat(held.endable()).isEmpty();
    }

    /** On Windows a process may come to the front only with the leave of the one that the person uses, which is this. */
    @Test
    @Tag("H29")
    void theRunningInstanceMayComeToTheFrontBeforeItHearsOfTheStart() throws IOException {
        world(new World());
        World world = new World();
        WorldProcess running = world.process(200);
        WorldProcess other = world.process(201);
        try (LaunchPermit permit = LaunchGuard.forProfile(profile).launch().permitOrThrow();
                Watch listening = permit.receiveSecondStarts(
                        start -> HAPPENED.add("heard; %s %s".formatted(running.mayBeInFront, other.mayBeInFront)))) {
            WorldPlatform.put(profile, world);
            world.lockNames(running);
            LaunchReport report = LaunchGuard.forProfile(profile).launch().report();
            assertThat(running.mayBeInFront).isFalse();

            assertThat(heldStart(world, report).handOver()).isEqualTo(new HandOver.Accepted());
            assertThat(HAPPENED).containsExactly("heard; true false");

            world.exit(running);
            WorldProcess successor = world.process(200);
            heldStart(world, report).handOver();
            assertThat(successor.mayBeInFront).isFalse();
            assertThat(listening).isNotNull();
        }
    }

    private HeldStart heldStart(World world, LaunchReport report, String... arguments) {
        return new HeldStart(
                world.ports(profile),
                report,
                new SecondStart(List.of(arguments), "/"),
                new Binder(new MapConfigurationPropertySource(Map.of()))
                        .bindOrCreate(RelaunchGuardProperties.PREFIX, RelaunchGuardProperties.class),
                List.of());
    }

    @Test
    @Tag("H29")
    void anApplicationHearsOfItsSecondStartsOnceItHasStarted() {
        World world = world(new World());
        SpringApplication application = application(Launcher.class, Hearing.class);
        try (ConfigurableApplicationContext context = application.run("--relaunch-guard.second-start.enabled=true")) {
            world.lockNames(world.launcher);
            assertThat(handOver()).isEqualTo(new HandOver.Accepted());
            assertThat(HAPPENED).containsExactly("browser", "event: [--second]", "handler: [--second]");
            assertThat(context.getBean(SecondStarts.class)).isNotNull();
        }
        // Its process goes on; whoever comes now waits for its end.
        assertThat(handOver()).isInstanceOf(HandOver.Closing.class);
    }

    @Test
    @Tag("H29")
    void secondStartsWaitForTheEndOfARestart() throws Exception {
        world(new World());
        ConfigurableApplicationContext first =
                application(Launcher.class, Hearing.class).run("--relaunch-guard.second-start.enabled=true");
        RestartStandIn.call(() -> {
            first.close();
            return first;
        });
        assertThat(handOver()).isEqualTo(new HandOver.Starting());
        SpringApplication again = application(Launcher.class, Hearing.class);
        try (ConfigurableApplicationContext second = again.run("--relaunch-guard.second-start.enabled=true")) {
            assertThat(handOver()).isEqualTo(new HandOver.Accepted());
            assertThat(HAPPENED).endsWith("event: [--second]", "handler: [--second]");
            assertThat(second.isActive()).isTrue();
        }
        assertThat(handOver()).isInstanceOf(HandOver.Closing.class);
    }

    @Test
    @Tag("H29")
    void anApplicationWithoutAWindowRefusesSecondStarts() {
        world(new World());
        try (ConfigurableApplicationContext context =
                application(Launcher.class).run("--relaunch-guard.second-start.enabled=true")) {
            assertThat(handOver()).isInstanceOf(HandOver.Refused.class);
            assertThat(context.getBean(SecondStartHandler.class)).isInstanceOf(WindowToFront.class);
        }
    }

    @Test
    void secondStartsAreOffByDefault() {
        world(new World());
        try (ConfigurableApplicationContext context =
                application(Launcher.class, Hearing.class).run()) {
            assertThat(handOver()).isInstanceOf(HandOver.Nobody.class);
            assertThat(context.isActive()).isTrue();
        }
        assertThat(profile).isEmptyDirectory();
    }

    private HandOver handOver() {
        return LaunchGuard.forProfile(profile)
                .handOver(
                        new SecondStart(List.of("--second"), "/"),
                        Patience.forAnswer(Duration.ofSeconds(20)),
                        answer -> {});
    }

    @Configuration(proxyBeanMethods = false)
    static class Hearing {

        @EventListener
        void heard(SecondStart start) {
            HAPPENED.add("event: " + start.arguments());
        }

        @Bean
        SecondStartHandler handler() {
            return start -> HAPPENED.add("handler: " + start.arguments());
        }
    }

    @Test
    void aBlockingStartWaitsForTheLaunch() {
        World world = world(Scenario.WEDGED.world());
        SpringApplication application = application(Other.class);
        application.addListeners((ApplicationListener<ApplicationContextInitializedEvent>)
                event -> HAPPENED.add(world.signals.isEmpty() ? "context first" : "launch first"));
        application.run("--relaunch-guard.start-mode=blocking").close();
        assertThat(HAPPENED).containsExactly("launch first", "bean");
    }

    @Test
    void aSettingOutOfItsRangeIsNamed() {
        assertThatThrownBy(() -> application(Other.class).run("--relaunch-guard.term-grace=0s"))
                .hasStackTraceContaining("term-grace must be above zero and at most PT1H, but is PT0S");
        assertThatThrownBy(() -> application(Other.class)
                        .run(
                                "--relaunch-guard.successor-environment.keep=A,B",
                                "--relaunch-guard.successor-environment.drop=B"))
                .hasStackTraceContaining("successor-environment: B cannot be kept and dropped");
        assertThatThrownBy(() -> application(Other.class).run("--relaunch-guard.history.limit=0"))
                .hasStackTraceContaining("history.limit must be from 1 to 200, but is 0");
        assertThatThrownBy(() -> application(Other.class).run("--relaunch-guard.second-start.deadline=61s"))
                .hasStackTraceContaining("second-start.deadline must be above zero and at most PT1M, but is PT1M1S");
        assertThat(HAPPENED).isEmpty();
    }

    @Test
    @Tag("H12")
    void aLockThatCannotBeReadEndsTheStart() {
        World world = world(new World());
        world.lockIs(Observation.unknown("it is not a link"));
        assertThatThrownBy(() -> application(Other.class).run()).isInstanceOf(LaunchHeldException.class);
    }

    @Test
    @Tag("H10")
    void aLockOfAnotherHostEndsTheStart() {
        World world = world(new World());
        world.lockIs(Observation.seen(new SingletonLock("elsewhere", 200)));
        assertThatThrownBy(() -> application(Other.class).run()).isInstanceOf(LaunchHeldException.class);
    }

    private static int launches(World world) {
        return new LaunchHistory(world.ports().history()).recent(10).size();
    }

    private World world(World world) {
        WorldPlatform.put(profile, world);
        return world;
    }

    private SpringApplication application(Class<?>... sources) {
        return new SpringApplicationBuilder(sources)
                .web(WebApplicationType.NONE)
                .properties("relaunch-guard.profile=" + profile, "relaunch-guard.skip.in-tests=false")
                .build();
    }

    /** A class loader whose spring.factories names a class for each type. */
    private ClassLoader naming(Class<?>... typesAndExtensions) throws IOException {
        Path factories = classes.resolve("META-INF/spring.factories");
        Files.createDirectories(factories.getParent());
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < typesAndExtensions.length; i += 2) {
            text.append(typesAndExtensions[i].getName())
                    .append('=')
                    .append(typesAndExtensions[i + 1].getName())
                    .append('\n');
        }
        Files.writeString(factories, text);
        return new URLClassLoader(
                new URL[] {classes.toUri().toURL()}, getClass().getClassLoader());
    }
}
