#include "app/cli/commands.h"

#include <algorithm>
#include <cstdio>

#include <QtCore/QDir>
#include <QtCore/QFile>
#include <QtCore/QFileInfo>
#include <QtCore/QJsonDocument>

#include <fmt/format.h>

#include "app/cli/risk_words.h"
#include "app/common/arguments.h"
#include "app/common/data_dirs.h"
#include "app/common/exit_status.h"
#include "core/net/system_clock.h"

using namespace Qt::StringLiterals;

namespace app::cli
{

namespace
{
namespace risk = core::risk;
using core::ErrorCode;
using core::fail;
using core::Result;
using core::storage::Access;
using core::storage::Database;
using core::storage::LimitsOwner;

const QString kProgram = u"etrms-cli risk"_s;
constexpr risk::Preset kPresets[] = {risk::Preset::Conservative, risk::Preset::Standard, risk::Preset::PropFirm};

struct Call {
    QString action;
    QStringList words; ///< after the action
    QString file;      ///< of the database; may be missing for set and import
    LimitsOwner owner;
    bool json{false};
    bool dryRun{false};
    std::optional<risk::Preset> preset;
    std::string reason;
    core::UtcTime now;
};

[[nodiscard]] QString qt(std::string_view text)
{
    return QString::fromUtf8(text.data(), static_cast<qsizetype>(text.size()));
}

void printJson(const QJsonObject &object)
{
    std::puts(QJsonDocument(object).toJson(QJsonDocument::Compact).constData());
}

// ---- what holds ----

/// The limits that hold: stored, or what applies where nothing is stored.
struct Held {
    std::optional<risk::LimitsNow> stored;
    [[nodiscard]] risk::Limits limits(const LimitsOwner &owner) const
    {
        if (stored)
            return stored->holding.limits;
        return owner.account ? risk::defaultLimits() : risk::defaultGroupLimits();
    }
};

[[nodiscard]] Result<Held> held(const Call &call)
{
    if (!QFileInfo(call.file).isFile())
        return Held{};
    const auto database = Database::open(call.file, Access::ReadOnly, call.now);
    if (!database)
        return fail(database.error());
    return core::storage::currentLimits(*database, call.owner.mode, call.owner.account, call.now)
        .map([](std::optional<risk::LimitsNow> found) { return Held{std::move(found)}; });
}

[[nodiscard]] QJsonObject versionJson(const risk::LimitsVersion &version)
{
    return {{u"version"_s, qint64{version.version}},
            {u"asked_at"_s, qt(core::isoMilliseconds(version.askedAt))},
            {u"valid_from"_s, qt(core::isoMilliseconds(version.validFrom))},
            {u"by"_s, qt(version.by)},
            {u"reason"_s, qt(version.reason)}};
}

[[nodiscard]] Result<void> show(const Call &call)
{
    const auto found = held(call);
    if (!found)
        return fail(found.error());
    const risk::Limits limits = found->limits(call.owner);
    const risk::LimitsVersion *pending =
        found->stored && found->stored->pending ? &*found->stored->pending : nullptr;
    const auto waiting = pending != nullptr ? risk::changes(limits, pending->limits) : std::vector<risk::LimitChange>{};
    if (call.json) {
        QJsonObject object = limitsJson(limits);
        const QJsonObject owner = ownerJson(call.owner);
        for (auto it = owner.begin(); it != owner.end(); ++it)
            object.insert(it.key(), it.value());
        object.insert(u"holding"_s, found->stored ? QJsonValue(versionJson(found->stored->holding)) : QJsonValue());
        if (pending != nullptr) {
            QJsonObject later = versionJson(*pending);
            later.insert(u"changes"_s, changesJson(waiting, pending->validFrom));
            object.insert(u"pending"_s, later);
        }
        printJson(object);
        return {};
    }
    if (found->stored) {
        const risk::LimitsVersion &version = found->stored->holding;
        fmt::print("Limits of {}: version {}, by {}, since {}\n\n", ownerText(call.owner), version.version, version.by,
                   core::isoMilliseconds(version.validFrom));
    } else {
        fmt::print("Limits of {}: none are stored; the standard ones apply\n\n", ownerText(call.owner));
    }
    fmt::print("{}", limitsText(limits));
    if (pending != nullptr)
        fmt::print("\nWaiting (version {}, by {}):\n{}", pending->version, pending->by,
                   changesText(waiting, pending->validFrom));
    return {};
}

[[nodiscard]] Result<void> exportText(const Call &call)
{
    const auto found = held(call);
    if (!found)
        return fail(found.error());
    const std::string toml = risk::toToml(found->limits(call.owner));
    if (call.json)
        printJson({{u"toml"_s, qt(toml)}});
    else
        fmt::print("{}", toml);
    return {};
}

[[nodiscard]] Result<void> history(const Call &call)
{
    const auto database = Database::open(call.file, Access::ReadOnly, call.now);
    if (!database)
        return fail(database.error());
    const auto versions = core::storage::limitsHistory(*database, call.owner.mode, call.owner.account);
    const auto rows = core::storage::configRows(*database, call.owner.mode, call.owner.account);
    if (!versions || !rows)
        return fail(versions ? rows.error() : versions.error());
    QJsonArray array;
    for (std::size_t i = 0; i < versions->size(); ++i) {
        const risk::LimitsVersion &version = (*versions)[i];
        const auto changed = i == 0 ? std::vector<risk::LimitChange>{}
                                    : risk::changes((*versions)[i - 1].limits, version.limits);
        if (call.json) {
            QJsonObject object = versionJson(version);
            object.insert(u"hash"_s, qt((*rows)[i].hash));
            object.insert(u"changes"_s, changesJson(changed, std::nullopt));
            array.append(object);
            continue;
        }
        fmt::print("version {}: asked {} by {}, valid from {}{}{}\n{}", version.version,
                   core::isoMilliseconds(version.askedAt), version.by, core::isoMilliseconds(version.validFrom),
                   version.reason.empty() ? "" : ": ", version.reason, changesText(changed, std::nullopt));
    }
    if (call.json)
        printJson({{u"versions"_s, array}});
    return {};
}

// ---- changes ----

[[nodiscard]] Result<risk::Limits> wantedByFields(const Call &call)
{
    const auto found = held(call);
    if (!found)
        return fail(found.error());
    std::vector<std::pair<std::string, std::string>> values;
    for (const QString &word : call.words) {
        const qsizetype equals = word.indexOf(u'=');
        if (equals <= 0)
            return fail(ErrorCode::InvalidArgument, word.toStdString() + ": must be FIELD=VALUE");
        values.emplace_back(word.left(equals).trimmed().toStdString(), word.mid(equals + 1).trimmed().toStdString());
    }
    const risk::Limits base = call.preset ? risk::presetLimits(*call.preset) : found->limits(call.owner);
    return risk::withValues(base, values);
}

[[nodiscard]] Result<risk::Limits> wantedByFile(const QString &path)
{
    QFile file(path);
    if (!file.open(QIODevice::ReadOnly))
        return fail(ErrorCode::IoFailed, path.toStdString() + ": " + file.errorString().toStdString());
    constexpr qint64 kReadMost = 1'000'000; // far beyond what is accepted; a device is not read for ever
    const auto limits = risk::parseLimits(file.read(kReadMost).toStdString());
    return limits ? limits : Result<risk::Limits>(fail(limits.error().in(path.toStdString())));
}

/// A file that is damaged is left alone: opening it for writing would set it aside.
[[nodiscard]] Result<Database> openForChange(const Call &call)
{
    if (QFileInfo(call.file).exists()) {
        const auto looked = Database::open(call.file, Access::ReadOnly, call.now);
        if (!looked && looked.error().code != ErrorCode::Unsupported)
            return fail(looked.error());
    } else if (!QDir().mkpath(QFileInfo(call.file).absolutePath())) {
        return fail(ErrorCode::IoFailed, call.file.toStdString() + ": its folder cannot be made");
    }
    return Database::open(call.file, Access::ReadWrite, call.now);
}

void printPlan(const Call &call, const risk::LimitsPlan &plan)
{
    if (call.json) {
        QJsonObject object = ownerJson(call.owner);
        QJsonArray versions;
        for (const risk::LimitsVersion &version : plan.versions)
            versions.append(versionJson(version));
        object.insert(u"changes"_s, changesJson(plan.changes, plan.looserFrom));
        object.insert(u"versions"_s, versions);
        object.insert(u"stored"_s, !call.dryRun);
        printJson(object);
        return;
    }
    fmt::print("{} {}{}\n{}", ownerText(call.owner),
               plan.versions.empty() ? "has these limits already" : call.dryRun ? "would change" : "changed",
               plan.changes.empty() ? "" : ":", changesText(plan.changes, plan.looserFrom));
}

[[nodiscard]] Result<void> change(const Call &call)
{
    auto wanted = call.action == "import"_L1 ? wantedByFile(call.words.first()) : wantedByFields(call);
    if (!wanted)
        return fail(wanted.error());
    if (risk::isGroup(*wanted) == call.owner.account.has_value()) {
        return fail(ErrorCode::InvalidArgument, call.owner.account
                                                    ? "breaker: all-accounts belongs to --all-accounts"
                                                    : "breaker: with --all-accounts every scope must be all-accounts");
    }
    risk::LimitsRequest request{std::move(*wanted), "user", call.reason};
    if (call.action == "import"_L1)
        request.by = "import";
    else if (call.preset)
        request.by = fmt::format("preset {}", name(*call.preset));
    if (call.dryRun) {
        std::vector<risk::LimitsVersion> versions;
        if (QFileInfo(call.file).isFile()) {
            const auto database = Database::open(call.file, Access::ReadOnly, call.now);
            if (!database)
                return fail(database.error());
            auto stored = core::storage::limitsHistory(*database, call.owner.mode, call.owner.account);
            if (!stored)
                return fail(stored.error());
            versions = std::move(*stored);
        }
        return risk::planLimits(versions, request, call.now).map([&](const risk::LimitsPlan &plan) {
            printPlan(call, plan);
        });
    }
    const auto database = openForChange(call);
    if (!database)
        return fail(database.error());
    return core::storage::changeLimits(*database, call.owner.mode, call.owner.account, request, call.now)
        .map([&](const risk::LimitsPlan &plan) { printPlan(call, plan); });
}

// ---- the command line ----

void addOptions(QCommandLineParser &parser)
{
    parser.setApplicationDescription(
        u"show: each limit in a sentence, and what waits. set FIELD=VALUE...: changes single values, named as in the file "
        "(risk show lists them; \"breaker[0].tier[2].trigger=28 %\"); a value bears its unit. export: the limits as TOML on "
        "standard output. import FILE: takes a whole file. history: every version there was.\n\n"
        "A tighter value holds at once, a looser one after loosen_after of the limits that hold (24 h unless changed). A later "
        "change drops what still waits; so does setting nothing. A running desktop or guard takes a change over by itself."_s);
    parser.addOption({u"account"_s, u"Whose limits."_s, u"NAME"_s});
    parser.addOption({u"all-accounts"_s, u"The limits over all accounts together."_s});
    parser.addOption({u"mode"_s, u"demo, paper, testnet or live (default)."_s, u"MODE"_s, u"live"_s});
    parser.addOption({u"preset"_s, u"set: starts from conservative, standard or prop-firm."_s, u"PRESET"_s});
    parser.addOption({u"reason"_s, u"set, import: kept with the version."_s, u"TEXT"_s});
    parser.addOption({u"dry-run"_s, u"set, import: only says what would change, and when."_s});
    parser.addOption({u"db"_s, u"The database file."_s, u"FILE"_s});
    parser.addOption({u"data-dir"_s, u"The data directory with the database."_s, u"DIR"_s});
    parser.addOption({u"json"_s, u"Print one JSON line."_s});
    parser.addPositionalArgument(u"action"_s, u"show, set, export, import or history"_s);
    parser.addPositionalArgument(u"values"_s, u"set: FIELD=VALUE...; import: FILE"_s, u"[...]"_s);
}

[[nodiscard]] Result<void> takeWords(const QCommandLineParser &parser, Call &call)
{
    call.words = parser.positionalArguments();
    call.action = call.words.isEmpty() ? QString() : call.words.takeFirst();
    const bool sets = call.action == "set"_L1;
    const bool imports = call.action == "import"_L1;
    const bool known = sets || imports || call.action == "show"_L1 || call.action == "export"_L1 || call.action == "history"_L1;
    if (!known)
        return fail(ErrorCode::InvalidArgument, "expected: risk show, set, export, import or history");
    if (imports && call.words.size() != 1)
        return fail(ErrorCode::InvalidArgument, "expected: risk import FILE");
    if (!sets && !imports && !call.words.isEmpty())
        return fail(ErrorCode::InvalidArgument, "unexpected argument " + call.words.first().toStdString());
    for (const QString &option : {u"preset"_s, u"reason"_s, u"dry-run"_s}) {
        if (parser.isSet(option) && !sets && !(imports && option != "preset"_L1))
            return fail(ErrorCode::InvalidArgument, fmt::format("--{}: does not belong to risk {}", option.toStdString(),
                                                                call.action.toStdString()));
    }
    call.json = parser.isSet(u"json"_s);
    call.dryRun = parser.isSet(u"dry-run"_s);
    call.reason = parser.value(u"reason"_s).toStdString();
    if (!parser.isSet(u"preset"_s))
        return {};
    for (const risk::Preset preset : kPresets) {
        if (parser.value(u"preset"_s) == qt(name(preset)))
            call.preset = preset;
    }
    if (!call.preset)
        return fail(ErrorCode::InvalidArgument, "--preset: must be conservative, standard or prop-firm");
    if (parser.isSet(u"all-accounts"_s))
        return fail(ErrorCode::InvalidArgument, "--preset: is for one account, not for --all-accounts");
    return {};
}

[[nodiscard]] Result<void> takeOwner(const QCommandLineParser &parser, Call &call)
{
    using core::storage::Mode;
    const QString word = parser.value(u"mode"_s);
    bool known = false;
    for (const Mode mode : {Mode::Demo, Mode::Paper, Mode::Testnet, Mode::Live}) {
        if (word == qt(name(mode))) {
            call.owner.mode = mode;
            known = true;
        }
    }
    if (!known)
        return fail(ErrorCode::InvalidArgument, "--mode: must be demo, paper, testnet or live");
    const bool all = parser.isSet(u"all-accounts"_s);
    if (all == parser.isSet(u"account"_s))
        return fail(ErrorCode::InvalidArgument, "name one of --account NAME and --all-accounts");
    if (all)
        return {};
    call.owner.account = core::AccountId::from(parser.value(u"account"_s).toStdString());
    if (!call.owner.account || call.owner.account->empty())
        return fail(ErrorCode::InvalidArgument, "--account: must be 1 to 40 bytes");
    return {};
}

/// What only reads needs a file that is there; a change may make the first one of a data directory.
[[nodiscard]] Result<QString> databaseOf(const QCommandLineParser &parser, const Call &call)
{
    const QString file = parser.value(u"db"_s);
    const QString directory = parser.value(u"data-dir"_s);
    const bool changes = call.action == "set"_L1 || call.action == "import"_L1;
    if (!changes)
        return databaseFor(kProgram, file, directory);
    if (!file.isEmpty())
        return file;
    return databaseIn(directory.isEmpty() ? defaultDataDir(qt(name(call.owner.mode))) : directory);
}
} // namespace

int runRisk(const QStringList &arguments)
{
    QCommandLineParser parser;
    addOptions(parser);
    if (const auto status = parseArguments(parser, kProgram, arguments))
        return *status;
    Call call;
    if (auto taken = takeWords(parser, call).and_then([&] { return takeOwner(parser, call); }); !taken) {
        printError(kProgram, qt(taken.error().detail));
        return Usage;
    }
    const auto file = databaseOf(parser, call);
    if (!file) {
        printError(kProgram, file.error());
        return Failed;
    }
    call.file = *file;
    call.now = core::net::SystemClock{}.now();
    const Result<void> done = call.action == "show"_L1      ? show(call)
                              : call.action == "export"_L1  ? exportText(call)
                              : call.action == "history"_L1 ? history(call)
                                                            : change(call);
    if (!done) {
        printError(kProgram, done.error());
        return Failed;
    }
    return Done;
}

} // namespace app::cli
