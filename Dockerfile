# Two stages: what builds stays behind, and what runs is the interpreter and the packages, no more.
FROM python:3.13-slim AS build
WORKDIR /src
ENV PIP_NO_CACHE_DIR=1
COPY pyproject.toml requirements.lock README.md LICENSE ./
COPY .deploy .deploy
COPY core core
COPY ports ports
COPY adapters adapters
COPY apps apps
COPY contract_tests contract_tests
RUN python .deploy/install.py /opt/solynk && /opt/solynk/bin/python -m pip uninstall --yes pip

FROM python:3.13-slim
RUN useradd --system --uid 10001 --home-dir /var/lib/solynk --create-home solynk
COPY --from=build /opt/solynk /opt/solynk
ENV PATH=/opt/solynk/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    HOST=0.0.0.0 \
    SOLYNK_DATA_DIR=/var/lib/solynk
USER solynk
WORKDIR /var/lib/solynk
VOLUME /var/lib/solynk
EXPOSE 8000
ENTRYPOINT ["solynk"]
CMD ["serve"]
