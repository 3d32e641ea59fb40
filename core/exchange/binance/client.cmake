# The part that talks: REST answers, sockets, sequencing.
if(NOT ETRMS_QT_FREE_ONLY)
    etrms_room(binance_rest
        SOURCES api_error.cpp rest_codec.cpp rest_codec_history.cpp rest_codec_orders.cpp
        LINK etrms_binance_codec etrms_wire_json etrms_ports etrms_net
        QT Core)
    etrms_room(binance_client
        SOURCES account_history.cpp account_past.cpp account_ledger.cpp account_settings.cpp account_sync.cpp
            account_sync_income.cpp account_sync_queries.cpp account_sync_reconcile.cpp cancel_sweep.cpp client.cpp client_account.cpp
            client_market.cpp client_orders.cpp connection.cpp market_candles.cpp market_history.cpp market_streams.cpp
            market_streams_books.cpp market_streams_care.cpp order_channel.cpp
            order_channel_change.cpp order_channel_query.cpp order_channel_stream.cpp rest_gateway.cpp
            venue_clock.cpp
        LINK etrms_binance_rest etrms_binance_codec etrms_market etrms_ports etrms_net
        QT Core)
endif()
