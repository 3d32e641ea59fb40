#include "app/common/venue_arguments.h"

#include <limits>

#include "app/common/arguments.h"

using namespace Qt::StringLiterals;

namespace app
{

void addMarketOptions(QCommandLineParser &parser)
{
    parser.addOption({u"recording"_s, u"Play this recording as the market; repeat for files that follow each other."_s,
                      u"FILE"_s});
    parser.addOption({u"speed"_s, u"Play the recording this much faster (default 1)."_s, u"FACTOR"_s, u"1"_s});
    parser.addOption({u"demo-seed"_s, u"Seed of the generated market; the same seed gives the same market (default 1)."_s,
                      u"N"_s, u"1"_s});
}

core::Result<core::runtime::DemoVenue> demoFromArguments(const QCommandLineParser &parser, const QString &scenario)
{
    if (parser.isSet(u"recording"_s)) {
        if (!scenario.isEmpty())
            return core::fail(core::ErrorCode::InvalidArgument, "--recording: not together with a scenario");
        const auto speed = ratioOption(parser, u"speed"_s, core::Ratio::fromRaw(core::kDecimalOne / 10),
                                       core::Ratio::fromRaw(1'000 * core::kDecimalOne));
        if (!speed)
            return core::fail(speed.error());
        std::vector<std::string> files;
        for (const QString &file : parser.values(u"recording"_s))
            files.push_back(file.toStdString());
        return core::runtime::demoVenueOn(files, *speed);
    }
    const bool shortName = parser.optionNames().contains(u"seed"_s); // `venue` knows it
    const auto seed = integerOption(parser, shortName ? u"seed"_s : u"demo-seed"_s, 0, std::numeric_limits<qint64>::max());
    if (!seed)
        return core::fail(seed.error());
    const auto kind = core::runtime::parseScenario(scenario.isEmpty() ? "flash-crash" : scenario.toStdString());
    if (!kind)
        return core::fail(kind.error());
    return core::runtime::demoVenue(*kind, static_cast<std::uint64_t>(*seed));
}

} // namespace app
