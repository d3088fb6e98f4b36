# docker build -t zhnews .
# docker run --rm --user "$(id -u):$(id -g)" -v "$PWD/articles:/in:ro" -v "$PWD/tables:/out" zhnews run /in -o /out
FROM python:3.11-slim AS build
WORKDIR /src
COPY pyproject.toml constraints.txt README.md LICENSE ./
COPY pipeline pipeline
COPY corpus/lexicons corpus/lexicons
COPY models/default models/default
RUN pip install --no-cache-dir --prefix=/install --constraint constraints.txt .

FROM python:3.11-slim
COPY --from=build /install /usr/local
RUN useradd --create-home --uid 1000 zhnews
USER zhnews
ENTRYPOINT ["zhnews"]
CMD ["--help"]
