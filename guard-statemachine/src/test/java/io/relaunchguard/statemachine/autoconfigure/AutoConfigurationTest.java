package io.relaunchguard.statemachine.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.micrometer.core.instrument.binder.MeterBinder;
import io.relaunchguard.core.launch.Outcome;
import io.relaunchguard.statemachine.ConsentRefusedException;
import io.relaunchguard.statemachine.LaunchGuard;
import io.relaunchguard.statemachine.LaunchPermit;
import io.relaunchguard.statemachine.LaunchProgress;
import io.relaunchguard.statemachine.RelaunchHandoffs;
import io.relaunchguard.statemachine.endpoint.RelaunchGuardEndpoint;
import io.relaunchguard.statemachine.endpoint.RelaunchGuardEndpointWebExtension;
import io.relaunchguard.statemachine.history.LaunchHistory;
import io.relaunchguard.statemachine.metrics.GuardMetrics;
import io.relaunchguard.statemachine.page.LoopbackOnlyFilter;
import io.relaunchguard.statemachine.page.PageData;
import io.relaunchguard.statemachine.start.PermitInitializer;
import io.relaunchguard.statemachine.start.RelaunchGuardProperties;
import io.relaunchguard.statemachine.world.Port;
import io.relaunchguard.statemachine.world.World;
import io.relaunchguard.statemachine.world.WorldPlatform;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;
import org.springframework.boot.actuate.endpoint.annotation.Endpoint;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.context.annotation.ImportCandidates;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.context.runner.ReactiveWebApplicationContextRunner;
import org.springframework.boot.test.context.runner.WebApplicationContextRunner;
import org.springframework.web.servlet.function.RouterFunction;

/** On, off, backed off, a class missing, not exposed. */
class AutoConfigurationTest {

    private static final AutoConfigurations ALL = AutoConfigurations.of(
            RelaunchGuardAutoConfiguration.class,
            RelaunchGuardMetricsAutoConfiguration.class,
            RelaunchGuardEndpointAutoConfiguration.class,
            RelaunchGuardPageAutoConfiguration.class);

    private static final String EXPOSED = "management.endpoints.web.exposure.include=relaunchguard";

    private final World world = new World();
    private LaunchPermit permit;
    private ApplicationContextRunner runner;
    private WebApplicationContextRunner web;

    @BeforeEach
    void launch() {
        Path profile = Path.of("/profile");
        WorldPlatform.put(profile, world);
        permit = LaunchGuard.forProfile(profile).launch().permitOrThrow();
        PermitInitializer initializer = new PermitInitializer(permit);
        runner = new ApplicationContextRunner().withConfiguration(ALL).withInitializer(initializer);
        web = new WebApplicationContextRunner().withConfiguration(ALL).withInitializer(initializer);
    }

    @AfterEach
    void reset() {
        permit.close();
        WorldPlatform.reset();
    }

    @Test
    void isRegistered() {
        assertThat(ImportCandidates.load(
                        org.springframework.boot.autoconfigure.AutoConfiguration.class,
                        getClass().getClassLoader()))
                .contains(
                        RelaunchGuardAutoConfiguration.class.getName(),
                        RelaunchGuardMetricsAutoConfiguration.class.getName(),
                        RelaunchGuardEndpointAutoConfiguration.class.getName(),
                        RelaunchGuardPageAutoConfiguration.class.getName(),
                        RelaunchGuardSecondStartAutoConfiguration.class.getName());
    }

    @Tag("H34")
    @Test
    void saysAtTheStartThatNoSuccessorCanBeStarted() {
        WorldPlatform.hindrance = Optional.of("the C library of this host is too old");

        assertThat(saidAtTheStart())
                .containsExactly("RelaunchHandoff cannot start a successor here: the C library of this host is too old."
                        + " An updater can: see startedElsewhere and awaitClaim.");
    }

    @Tag("H34")
    @Test
    void saysNothingOfSuccessorsWhereTheyCanBeStarted() {
        assertThat(saidAtTheStart()).isEmpty();
    }

    private List<String> saidAtTheStart() {
        Logger logger = (Logger) LoggerFactory.getLogger(RelaunchGuardAutoConfiguration.class);
        ListAppender<ILoggingEvent> said = new ListAppender<>();
        said.start();
        logger.addAppender(said);
        logger.setLevel(Level.WARN);
        try {
            runner.run(context -> assertThat(context).hasSingleBean(RelaunchHandoffs.class));
        } finally {
            logger.setLevel(null);
            logger.detachAppender(said);
        }
        return said.list.stream().map(ILoggingEvent::getFormattedMessage).toList();
    }

    @Test
    void givesThePermitTheProgressTheHistoryAndTheMeters() {
        runner.run(context -> {
            assertThat(context).hasNotFailed();
            assertThat(context.getBean(LaunchPermit.class)).isSameAs(permit);
            assertThat(context.getBean(LaunchProgress.class)
                            .report()
                            .orElseThrow()
                            .outcome())
                    .isEqualTo(Outcome.READY);
            assertThat(context.getBean(LaunchHistory.class).recent(10)).hasSize(1);
            assertThat(context).hasSingleBean(GuardMetrics.class).hasSingleBean(RelaunchGuardProperties.class);
            assertThat(context).hasSingleBean(RelaunchHandoffs.class);
        });
        assertThat(world.open)
                .as("the context does not close a permit that is not its own")
                .isNotEmpty();
    }

    @Test
    void isOffWhenDisabled() {
        web.withPropertyValues("relaunch-guard.enabled=false", "relaunch-guard.page.enabled=true", EXPOSED)
                .run(context -> assertThat(context)
                        .hasNotFailed()
                        .doesNotHaveBean(LaunchPermit.class)
                        .doesNotHaveBean(LaunchProgress.class)
                        .doesNotHaveBean(RelaunchHandoffs.class)
                        .doesNotHaveBean(MeterBinder.class)
                        .doesNotHaveBean(RelaunchGuardEndpoint.class)
                        .doesNotHaveBean(RouterFunction.class));
    }

    @Test
    void backsOffBeforeTheApplicationsOwnBeans() {
        LaunchProgress progress = new LaunchProgress();
        LaunchHistory history = LaunchHistory.empty();
        GuardMetrics metrics = new GuardMetrics(progress);
        RelaunchGuardEndpoint endpoint = new RelaunchGuardEndpoint(progress, history, 1);
        PageData data = () -> {
            throw new IllegalStateException("not read here");
        };
        LaunchPermit own = LaunchPermit.inert();
        RelaunchHandoffs handoffs = new RelaunchHandoffs(() -> Path.of("elsewhere"), Duration.ofSeconds(1));
        web.withPropertyValues(EXPOSED, "relaunch-guard.page.enabled=true")
                .withBean(LaunchPermit.class, () -> own)
                .withBean(RelaunchHandoffs.class, () -> handoffs)
                .withBean(LaunchProgress.class, () -> progress)
                .withBean(LaunchHistory.class, () -> history)
                .withBean(GuardMetrics.class, () -> metrics)
                .withBean(RelaunchGuardEndpoint.class, () -> endpoint)
                .withBean(PageData.class, () -> data)
                .run(context -> {
                    assertThat(context.getBean(LaunchPermit.class)).isSameAs(own);
                    assertThat(context.getBean(RelaunchHandoffs.class)).isSameAs(handoffs);
                    assertThat(context.getBean(LaunchProgress.class)).isSameAs(progress);
                    assertThat(context.getBean(LaunchHistory.class)).isSameAs(history);
                    assertThat(context.getBean(GuardMetrics.class)).isSameAs(metrics);
                    assertThat(context.getBean(RelaunchGuardEndpoint.class)).isSameAs(endpoint);
                    assertThat(context.getBean(PageData.class)).isSameAs(data);
                });
    }

    @Test
    void aContextWithoutALaunchHasNoPermitToGiveAndSaysSoToWhoeverAsks() {
        new ApplicationContextRunner().withConfiguration(ALL).run(context -> {
            assertThat(context).hasNotFailed();
            assertThat(context.getBean(LaunchProgress.class).state()).isEmpty();
            assertThat(context.getBean(LaunchHistory.class).recent(10)).isEmpty();
            assertThatThrownBy(() -> context.getBean(LaunchPermit.class))
                    .hasStackTraceContaining("no launch was run for this context");
        });
    }

    @Test
    @Tag("H19")
    void aHandoffIsOfTheProfileOfTheLaunchWithTheDeadlineThatIsSet() {
        runner.withPropertyValues("relaunch-guard.handoff-deadline=5m").run(context -> {
            RelaunchHandoffs handoffs = context.getBean(RelaunchHandoffs.class);

            assertThat(handoffs.deadline()).isEqualTo(Duration.ofMinutes(5));
            world.calls.clear();
            assertThatThrownBy(() -> handoffs.begin("1.4", "1.5"))
                    .isInstanceOf(ConsentRefusedException.class)
                    .hasMessageContaining("there is no process");
            assertThat(world.calls)
                    .as("it asked the world of the launch's profile")
                    .contains(Port.PIN);
        });
    }

    @Test
    void aHandoffDeadlineThatIsNotAheadEndsTheStart() {
        runner.withPropertyValues("relaunch-guard.claim-wait=0s")
                .run(context -> assertThat(context.getStartupFailure())
                        .hasStackTraceContaining("claim-wait must be above zero, but is PT0S"));
        runner.withPropertyValues("relaunch-guard.handoff-deadline=0s")
                .run(context -> assertThat(context.getStartupFailure())
                        .hasStackTraceContaining("handoff-deadline must be above zero, but is PT0S"));
    }

    @Test
    void aClaimIsNotAwaitedForLongerThanAConsentIsBelieved() {
        runner.withPropertyValues("relaunch-guard.max-marker-age=30s")
                .run(context -> assertThat(
                                context.getBean(RelaunchGuardProperties.class).claimWait())
                        .hasSeconds(30));
    }

    @Test
    void whereNothingWasLaunchedNothingIsHandedOver() {
        new ApplicationContextRunner()
                .withConfiguration(ALL)
                .withBean(LaunchPermit.class, LaunchPermit::inert)
                .run(context -> assertThatIllegalStateException()
                        .isThrownBy(
                                () -> context.getBean(RelaunchHandoffs.class).begin("", ""))
                        .withMessageContaining("nothing was launched"));
    }

    @Test
    void theEndpointIsThereOnlyIfItIsExposed() {
        web.run(context -> assertThat(context).doesNotHaveBean(RelaunchGuardEndpoint.class));
        web.withPropertyValues(EXPOSED)
                .run(context -> assertThat(context)
                        .hasSingleBean(RelaunchGuardEndpoint.class)
                        .hasSingleBean(RelaunchGuardEndpointWebExtension.class));
        web.withPropertyValues(EXPOSED, "management.endpoint.relaunchguard.access=NONE")
                .run(context -> assertThat(context).doesNotHaveBean(RelaunchGuardEndpoint.class));
    }

    @Test
    void thereIsNoEndpointWhereNoServletFilterCanGuardIt() {
        new ReactiveWebApplicationContextRunner()
                .withConfiguration(ALL)
                .withPropertyValues(EXPOSED, "relaunch-guard.page.enabled=true")
                .run(context -> assertThat(context)
                        .hasNotFailed()
                        .hasSingleBean(LaunchProgress.class)
                        .doesNotHaveBean(RelaunchGuardEndpoint.class)
                        .doesNotHaveBean(PageData.class));
    }

    @Test
    void thePageIsThereOnlyIfItIsWantedAndNeverWithoutItsFilter() {
        web.run(context -> assertThat(context).doesNotHaveBean(PageData.class).doesNotHaveBean(RouterFunction.class));
        web.withPropertyValues("relaunch-guard.page.enabled=true").run(context -> {
            assertThat(context).hasSingleBean(RouterFunction.class).hasBean("relaunchGuardPageFilter");
            assertThat(context.getBean(PageData.class).read().subject()).isEqualTo("/profile");
        });
    }

    @ParameterizedTest
    @ValueSource(classes = {MeterBinder.class, Endpoint.class, jakarta.servlet.Filter.class, RouterFunction.class})
    void doesWithoutAnyOfItsOptionalLibraries(Class<?> missing) {
        runner.withClassLoader(new FilteredClassLoader(missing))
                .withPropertyValues(EXPOSED, "relaunch-guard.page.enabled=true")
                .run(context -> assertThat(context).hasNotFailed().hasSingleBean(LaunchProgress.class));
        assertThat(LoopbackOnlyFilter.class).isNotNull();
    }
}
